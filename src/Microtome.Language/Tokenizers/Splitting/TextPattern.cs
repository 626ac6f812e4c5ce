using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace Microtome.Language;

/// <summary>
/// A string or a regular expression of a <c>tokenizer.json</c>. .NET's expressions see UTF-16, so a character beyond the 16-bit plane is shown to them as one character of its own general category:
/// <c>\p{L}</c> means what it means to the published tokenizers.
/// </summary>
internal sealed class TextPattern
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);
    private readonly string source;
    private readonly Regex? regex;

    private TextPattern(string source, Regex? regex)
    {
        this.source = source;
        this.regex = regex;
    }

    /// <summary>Reads <c>{"String": ...}</c> or <c>{"Regex": ...}</c>.</summary>
    public static TextPattern Read(JsonPlace place)
    {
        if (place.TextOrNull("String") is { } text)
        {
            if (text.Length == 0)
                throw place.Unsupported("an empty pattern matches nowhere.");
            return new TextPattern(text, null);
        }

        return Expression(place.Text("Regex"), place);
    }

    /// <summary>An expression of our own.</summary>
    public static TextPattern Known(string expression) => new(expression, new Regex(expression, RegexOptions.CultureInvariant, Patience));

    /// <summary>The matches from left to right, none empty, none overlapping.</summary>
    public List<(int From, int To)> Matches(ReadOnlySpan<char> text)
    {
        var found = new List<(int From, int To)>();
        if (regex is null)
        {
            for (var at = 0; text[at..].IndexOf(source, StringComparison.Ordinal) is >= 0 and var next; at += next + source.Length)
                found.Add((at + next, at + next + source.Length));
            return found;
        }

        try
        {
            if (text.IndexOfAnyInRange('\uD800', '\uDFFF') < 0)
            {
                foreach (var match in regex.EnumerateMatches(text))
                {
                    if (match.Length > 0)
                        found.Add((match.Index, match.Index + match.Length));
                }
            }
            else
            {
                var (shadow, places) = Shadow(text);
                foreach (var match in regex.EnumerateMatches(shadow))
                {
                    if (match.Length > 0)
                        found.Add((places[match.Index], places[match.Index + match.Length]));
                }
            }
        }
        catch (RegexMatchTimeoutException e)
        {
            throw new TextException($"The tokenizer's expression '{source}' did not come to an end within {Patience.TotalSeconds} s on this text. It belongs to no published tokenizer; use another tokenizer.json.", e);
        }

        return found;
    }

    public void Write(Utf8JsonWriter json)
    {
        json.WriteStartObject("pattern");
        json.WriteString(regex is null ? "String" : "Regex", source);
        json.WriteEndObject();
    }

    private static TextPattern Expression(string expression, JsonPlace place)
    {
        if (expression.Length > 10_000)
            throw place.Unsupported($"an expression of {expression.Length} characters is not read.");
        try
        {
            return new TextPattern(expression, new Regex(expression, RegexOptions.CultureInvariant, Patience));
        }
        catch (ArgumentException e)
        {
            throw new TextException($"{place.File}: {place.Path}: the expression '{expression}' is not understood ({e.Message}).", e);
        }
    }

    private static (char[] Shadow, int[] Places) Shadow(ReadOnlySpan<char> text)
    {
        var shadow = new char[text.Length];
        var places = new int[text.Length + 1];
        var count = 0;
        for (var at = 0; at < text.Length; count++)
        {
            places[count] = at;
            if (Rune.DecodeFromUtf16(text[at..], out var rune, out var used) != System.Buffers.OperationStatus.Done)
                (shadow[count], used) = ('\uFFFD', 1);
            else
                shadow[count] = used == 1 ? text[at] : Stand(Rune.GetUnicodeCategory(rune));
            at += used;
        }

        places[count] = text.Length;
        return (shadow[..count], places[..(count + 1)]);
    }

    // A rare character of each category.
    private static char Stand(UnicodeCategory category) => category switch
    {
        UnicodeCategory.UppercaseLetter => '\uA640',
        UnicodeCategory.LowercaseLetter => '\uA641',
        UnicodeCategory.TitlecaseLetter => '\u1F88',
        UnicodeCategory.ModifierLetter => '\uA7F8',
        UnicodeCategory.OtherLetter => '\uA000',
        UnicodeCategory.NonSpacingMark => '\uA66F',
        UnicodeCategory.SpacingCombiningMark => '\uA823',
        UnicodeCategory.EnclosingMark => '\uA670',
        UnicodeCategory.DecimalDigitNumber => '\uA620',
        UnicodeCategory.LetterNumber => '\uA6E6',
        UnicodeCategory.OtherNumber => '\uA830',
        UnicodeCategory.DashPunctuation => '\u2E17',
        UnicodeCategory.OpenPunctuation => '\u2E22',
        UnicodeCategory.ClosePunctuation => '\u2E23',
        UnicodeCategory.OtherPunctuation => '\uAA5C',
        UnicodeCategory.MathSymbol => '\u2A00',
        UnicodeCategory.CurrencySymbol => '\uA838',
        UnicodeCategory.ModifierSymbol => '\uA700',
        UnicodeCategory.OtherSymbol => '\uA836',
        UnicodeCategory.Format => '\u206A',
        UnicodeCategory.PrivateUse => '\uE000',
        _ => '\uFFFE',
    };
}
