using System.Globalization;
using Microtome.Pathology;

namespace Microtome.Server;

/// <summary>A file as it was when somebody looked: another length or time is another content.</summary>
/// <param name="Path">Where it is.</param>
/// <param name="Length">Bytes; -1 when there was no file.</param>
/// <param name="Ticks">When it was written last.</param>
internal readonly record struct FileState(string Path, long Length, long Ticks)
{
    /// <summary>Looks at a file. A link counts as what it leads to.</summary>
    public static FileState Of(string path)
    {
        var file = new FileInfo(path);
        if (!file.Exists)
            return new FileState(path, -1, 0);
        try
        {
            if (file.Attributes.HasFlag(FileAttributes.ReparsePoint) && file.ResolveLinkTarget(returnFinalTarget: true) is FileInfo target)
                file = target;
            return file.Exists ? new FileState(path, file.Length, file.LastWriteTimeUtc.Ticks) : new FileState(path, -1, 0);
        }
        catch (IOException)
        {
            return new FileState(path, -1, 0);
        }
    }

    /// <summary>A short text for the state of some files; equal states give equal texts.</summary>
    public static string Version(params IEnumerable<FileState> states) =>
        InputFingerprint.Sha256OfText(string.Concat(states.Select(static s => string.Create(CultureInfo.InvariantCulture, $"{s.Path}|{s.Length}|{s.Ticks}\n"))))[..16];
}
