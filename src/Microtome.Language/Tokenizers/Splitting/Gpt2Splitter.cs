using System.Globalization;
using System.Text;

namespace Microtome.Language;

/// <summary>
/// GPT-2's words, the same as the expression <c>'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+</c>, in one pass.
/// </summary>
internal static class Gpt2Splitter
{
    /// <summary>The published expression.</summary>
    public const string Expression = @"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+";

    private static readonly Kind[] Ascii = [.. Enumerable.Range(0, 128).Select(static c => Of(new Rune((char)c)))];

    private enum Kind : byte
    {
        Other,
        Letter,
        Number,
        Space,
    }

    public static void Split(ReadOnlySpan<char> text, int from, int to, List<(int From, int To)> pieces)
    {
        text = text[..to];
        for (var at = from; at < to;)
        {
            var end = End(text, at);
            pieces.Add((at, end));
            at = end;
        }
    }

    private static int End(ReadOnlySpan<char> text, int at)
    {
        var c = text[at];
        if (c == '\'' && Contraction(text[(at + 1)..]) is > 0 and var length)
            return at + 1 + length;
        var kind = At(text, at, out var used);
        var first = at;
        if (c == ' ' && at + 1 < text.Length && At(text, at + 1, out var next) is not Kind.Space and var following)
            (kind, first, used) = (following, at + 1, next);
        var end = first + used;
        if (kind == Kind.Space)
        {
            while (end < text.Length && At(text, end, out used) == Kind.Space)
                end += used;
            // The last space belongs to the word that follows; when it stands alone it is a word itself.
            return end < text.Length && end - at > 1 ? end - 1 : end;
        }

        while (end < text.Length && At(text, end, out used) == kind)
            end += used;
        return end;
    }

    private static int Contraction(ReadOnlySpan<char> rest)
    {
        if (rest.IsEmpty)
            return 0;
        if (rest[0] is 's' or 't' or 'm' or 'd')
            return 1;
        return rest.Length > 1 && (rest[0], rest[1]) is ('r', 'e') or ('v', 'e') or ('l', 'l') ? 2 : 0;
    }

    private static Kind At(ReadOnlySpan<char> text, int at, out int used)
    {
        used = 1;
        var c = text[at];
        if (c < 128)
            return Ascii[c];
        if (Rune.DecodeFromUtf16(text[at..], out var rune, out var length) != System.Buffers.OperationStatus.Done)
            return Kind.Other;
        used = length;
        return Of(rune);
    }

    private static Kind Of(Rune rune)
    {
        if (Rune.IsWhiteSpace(rune))
            return Kind.Space;
        return Rune.GetUnicodeCategory(rune) switch
        {
            UnicodeCategory.UppercaseLetter or UnicodeCategory.LowercaseLetter or UnicodeCategory.TitlecaseLetter or UnicodeCategory.ModifierLetter or UnicodeCategory.OtherLetter => Kind.Letter,
            UnicodeCategory.DecimalDigitNumber or UnicodeCategory.LetterNumber or UnicodeCategory.OtherNumber => Kind.Number,
            _ => Kind.Other,
        };
    }
}
