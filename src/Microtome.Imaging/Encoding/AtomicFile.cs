namespace Microtome.Imaging;

/// <summary>Files that appear under their final name only when they are complete: written beside it, flushed to disk, renamed.</summary>
public static class AtomicFile
{
    /// <summary>Lets <paramref name="write"/> write a temporary file in the same folder and renames it to <paramref name="path"/>.</summary>
    /// <exception cref="IOException">The folder cannot be written or the disk is full; nothing is left under the final name.</exception>
    public static void Write(string path, Action<string> write)
    {
        string full = Path.GetFullPath(path);
        Directory.CreateDirectory(Path.GetDirectoryName(full)!);
        string temporary = TemporaryBeside(full);
        try
        {
            write(temporary);
            using (FileStream stream = new(temporary, FileMode.Open, FileAccess.ReadWrite))
                stream.Flush(flushToDisk: true);
            File.Move(temporary, full, overwrite: true);
        }
        catch
        {
            File.Delete(temporary);
            throw;
        }
    }

    /// <summary>Writes bytes.</summary>
    /// <exception cref="IOException">The folder cannot be written or the disk is full.</exception>
    public static void WriteAllBytes(string path, ReadOnlyMemory<byte> bytes) => Write(path, temporary => File.WriteAllBytes(temporary, bytes.Span));

    /// <summary>Writes UTF-8 text.</summary>
    /// <exception cref="IOException">The folder cannot be written or the disk is full.</exception>
    public static void WriteAllText(string path, string text) => Write(path, temporary => File.WriteAllText(temporary, text));

    /// <summary>A name in the same folder that nobody else uses; it ends in .tmp.</summary>
    public static string TemporaryBeside(string full) => Path.Combine(Path.GetDirectoryName(full)!, $".{Path.GetFileName(full)}.{Guid.NewGuid():N}.tmp");
}
