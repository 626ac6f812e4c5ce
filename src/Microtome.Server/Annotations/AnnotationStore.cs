using System.Collections.Concurrent;
using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json;
using Microtome.Imaging;

namespace Microtome.Server;

/// <summary>
/// GeoJSON files of a folder of results that people draw: annotations, and the tissue outline. A save replaces the file at once (temporary file, flush, rename), and the version before it
/// is kept in a folder beside it first: killed at any moment, the old or the new file is there. Whoever saves says which version they saw; another one in between is not overwritten.
/// </summary>
public sealed class AnnotationStore
{
    /// <summary>What people draw.</summary>
    public const string AnnotationsName = "annotations.geojson";

    /// <summary>The outline that the next analysis uses.</summary>
    public const string TissueName = "tissue.geojson";

    /// <summary>Versions that are kept of each file.</summary>
    public const int Versions = 100;

    private static readonly byte[] s_empty = """{"type":"FeatureCollection","features":[]}"""u8.ToArray();
    private readonly ConcurrentDictionary<string, Lock> turns = new(StringComparer.Ordinal);
    private readonly TimeProvider clock;

    /// <summary>Makes a store.</summary>
    public AnnotationStore(TimeProvider? clock = null) => this.clock = clock ?? TimeProvider.System;

    /// <summary>Reads a file; an empty collection when there is none yet.</summary>
    /// <exception cref="SlideException">The file is no GeoJSON.</exception>
    public (byte[] Content, string Tag) Read(string folder, string name)
    {
        byte[] content = SafePath.Inside(folder, name) is { } path ? File.ReadAllBytes(path) : s_empty;
        // QuPath also writes a bare list of objects.
        if (content.AsSpan().TrimStart(" \t\r\n"u8) is [(byte)'[', ..])
            content = [.. """{"type":"FeatureCollection","features":"""u8, .. content, (byte)'}'];
        try
        {
            GeoJsonRules.Check(content);
        }
        catch (RequestException e)
        {
            throw new SlideException($"{name} of these results cannot be shown: {e.Message}", e);
        }

        return (content, TagOf(content));
    }

    /// <summary>Replaces a file.</summary>
    /// <param name="folder">The folder of results.</param>
    /// <param name="name">The file.</param>
    /// <param name="content">A GeoJSON FeatureCollection, level-0 pixels.</param>
    /// <param name="seen">The tag of the version that was changed.</param>
    /// <returns>The tag of the new version.</returns>
    /// <exception cref="IOException">The disk is full or the folder may not be written; the old file is untouched.</exception>
    public string Save(string folder, string name, byte[] content, string seen)
    {
        GeoJsonRules.Check(content);
        lock (turns.GetOrAdd(folder, _ => new Lock()))
        {
            string path = Path.Combine(folder, name);
            if (new FileInfo(path) is { LinkTarget: not null })
                throw new RequestException(403, $"{name} is a symbolic link here and is not written to.");
            var (old, tag) = Read(folder, name);
            if (tag != seen)
                throw new RequestException(412, $"{name} has been saved by somebody else since you read it. Read it again and repeat your change.");
            if (TagOf(content) == tag)
                return tag;
            if (File.Exists(path))
                Keep(folder, name, old);
            AtomicFile.WriteAllBytes(path, content);
            return TagOf(content);
        }
    }

    /// <summary>The versions that were replaced, newest first.</summary>
    public IReadOnlyList<string> History(string folder, string name)
    {
        string history = HistoryOf(folder, name);
        return Directory.Exists(history) ? [.. Directory.EnumerateFiles(history, "*.geojson").Select(Path.GetFileName).OfType<string>().OrderDescending(StringComparer.Ordinal)] : [];
    }

    /// <summary>One of them.</summary>
    public byte[]? Version(string folder, string name, string version) =>
        // The version is only compared with the names that are there; it never becomes a path.
        History(folder, name).FirstOrDefault(v => v == version) is { } known && SafePath.Inside(HistoryOf(folder, name), known) is { } path ? File.ReadAllBytes(path) : null;

    private void Keep(string folder, string name, byte[] old)
    {
        string history = Directory.CreateDirectory(HistoryOf(folder, name)).FullName;
        if (new DirectoryInfo(history).LinkTarget is not null)
            throw new RequestException(403, "The folder of earlier versions is a symbolic link here and is not written to.");
        string stamp = clock.GetUtcNow().ToString("yyyyMMdd'T'HHmmss.fff'Z'", CultureInfo.InvariantCulture);
        AtomicFile.WriteAllBytes(Path.Combine(history, $"{stamp}-{TagOf(old)[..8]}.geojson"), old);
        foreach (string version in History(folder, name).Skip(Versions))
            File.Delete(Path.Combine(history, version));
    }

    private static string HistoryOf(string folder, string name) => Path.Combine(folder, Path.GetFileNameWithoutExtension(name) + "-history");

    private static string TagOf(byte[] content) => Convert.ToHexStringLower(SHA256.HashData(content))[..32];
}
