using System.Security.Cryptography;

namespace Microtome.EndToEnd.Tests;

/// <summary>A folder that goes away with the test.</summary>
public sealed class TemporaryFolder : IDisposable
{
    public TemporaryFolder(string name = "microtome-test-") => FullPath = Directory.CreateTempSubdirectory(name).FullName;

    public string FullPath { get; }

    public string this[params string[] parts] => Path.Combine([FullPath, .. parts]);

    /// <summary>Path and SHA-256 of every file below a folder, in order: two runs agree when these do.</summary>
    public static string[] Fingerprint(string folder, params string[] except) =>
        [.. Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories)
            .Where(f => !except.Contains(Path.GetFileName(f)))
            .Order(StringComparer.Ordinal)
            .Select(f => $"{Path.GetRelativePath(folder, f)} {Convert.ToHexString(SHA256.HashData(File.ReadAllBytes(f)))}")];

    public void Dispose() => Directory.Delete(FullPath, recursive: true);
}
