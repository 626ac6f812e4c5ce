using System.Text;

namespace Microtome.Language;

/// <summary>The documents of a text file, in parts of bounded size.</summary>
internal static class DocumentReader
{
    // Enough that cutting is rare, little enough that memory is no matter.
    private const int LongestPart = 1 << 20;

    /// <summary>Parts of documents in order; <c>Ends</c> marks the last part of one. Documents without anything but white space are left out.</summary>
    public static IEnumerable<(string Text, bool Ends)> Read(string path, DocumentKind kind)
    {
        using var lines = new Utf8LineReader(path);
        var text = new StringBuilder();
        var open = false;
        while (lines.Next() is { } line)
        {
            var blank = string.IsNullOrWhiteSpace(line);
            if (kind != DocumentKind.File && blank)
            {
                if (Flush(text, ends: true, open) is { } last)
                    yield return last;
                open = false;
                continue;
            }

            // A document is cut before a line end, where no word crosses.
            if (text.Length > 0 && text.Length + line.Length > LongestPart && Carry(text) is { Length: > 0 } part)
            {
                yield return (part, false);
                open = true;
            }

            text.Append(line);
            if (kind == DocumentKind.Line && line.EndsWith('\n'))
            {
                if (Flush(text, ends: true, open) is { } last)
                    yield return last;
                open = false;
            }
        }

        if (Flush(text, ends: true, open) is { } rest)
            yield return rest;
    }

    // The text up to its closing white space, which begins the next part.
    private static string Carry(StringBuilder text)
    {
        var end = text.Length;
        while (end > 0 && char.IsWhiteSpace(text[end - 1]))
            end--;
        var part = text.ToString(0, end);
        text.Remove(0, end);
        return part;
    }

    private static (string Text, bool Ends)? Flush(StringBuilder text, bool ends, bool open)
    {
        var rest = text.ToString();
        text.Clear();
        // Line ends part documents and belong to none.
        rest = rest.TrimEnd();
        return rest.Length > 0 || open ? (rest, ends) : null;
    }
}
