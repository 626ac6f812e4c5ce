using System.Buffers;
using System.Text;
using Microtome.Imaging;

namespace Microtome.Language;

/// <summary>
/// Reads a text file in order, strictly: bytes that are no UTF-8 are an error that names the file and the byte. Long stretches without a line end come in parts, so that memory does not depend on the file.
/// </summary>
internal sealed class Utf8LineReader : IDisposable
{
    /// <summary>Lines of more bytes come in parts.</summary>
    public const int LongestPart = 1 << 20;

    private readonly string path;
    private readonly FileStream stream;
    private byte[] buffer = new byte[1 << 16];
    private int start;
    private int end;
    private long offset;
    private bool finished;

    public Utf8LineReader(string path)
    {
        this.path = path;
        if (Directory.Exists(path))
            throw new TextException($"{path} is a folder; a text file is expected.");
        if (!File.Exists(path))
            throw new FileNotFoundException($"{path}: there is no such file. Check the path.", path);
        stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, 1);
        if (stream.CanSeek && stream.Length == 0)
        {
            stream.Dispose();
            throw new TextException($"{path} is empty: there is no text to learn from. Leave it out, or check where it comes from.");
        }

        // A byte order mark is no text.
        Fill();
        if (buffer.AsSpan(0, end).StartsWith("\uFEFF"u8))
            (start, offset) = (3, 3);
    }

    /// <summary>Bytes read so far.</summary>
    public long Position => offset;

    /// <summary>The next line with its line end, or the next part of a very long one; null at the end of the file.</summary>
    /// <exception cref="TextException">The bytes are no UTF-8.</exception>
    public string? Next()
    {
        var seen = 0;
        while (true)
        {
            var at = buffer.AsSpan(start + seen, end - start - seen).IndexOf((byte)'\n');
            if (at >= 0)
                return Take(seen + at + 1);
            seen = end - start;
            if (seen >= LongestPart)
                return Take(Cut(seen));
            if (!Fill())
                return seen == 0 ? null : Take(seen);
        }
    }

    public void Dispose() => stream.Dispose();

    // The last place before which a character ends; after white space if there is any near.
    private int Cut(int length)
    {
        var bytes = buffer.AsSpan(start, length);
        var space = bytes[(length - 4096)..].LastIndexOf((byte)' ');
        if (space > 0)
            return length - 4096 + space;
        for (var i = 1; i <= 4; i++)
        {
            if ((bytes[length - i] & 0xC0) != 0x80)
                return length - i;
        }

        return length;
    }

    private string Take(int length)
    {
        var bytes = buffer.AsSpan(start, length);
        var chars = ArrayPool<char>.Shared.Rent(length);
        try
        {
            var status = System.Text.Unicode.Utf8.ToUtf16(bytes, chars, out var read, out var written, replaceInvalidSequences: false);
            if (status != OperationStatus.Done)
            {
                throw new TextException($"{path} is not UTF-8: byte {offset + read} (0x{bytes[read]:X2}) does not belong there. Convert the file first, for example: iconv -f latin1 -t utf-8 '{Path.GetFileName(path)}'");
            }

            start += length;
            offset += length;
            return new string(chars, 0, written);
        }
        finally
        {
            ArrayPool<char>.Shared.Return(chars);
        }
    }

    private bool Fill()
    {
        if (finished)
            return false;
        if (start > 0)
        {
            buffer.AsSpan(start, end - start).CopyTo(buffer);
            (start, end) = (0, end - start);
        }

        if (end == buffer.Length)
            Array.Resize(ref buffer, buffer.Length * 2);
        var read = stream.Read(buffer, end, buffer.Length - end);
        finished = read == 0;
        end += read;
        return !finished;
    }
}
