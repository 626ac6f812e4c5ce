using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Microtome.Language;

/// <summary>
/// BERT's cleaning (Devlin et al. 2019): control characters vanish and every white space becomes a space, Chinese characters stand alone, accents fall, letters become small.
/// </summary>
internal sealed class BertNormalizer(bool cleanText = true, bool spaceChinese = true, bool? stripAccents = null, bool lowerCase = true) : INormalizer
{
    private static readonly CanonicalNormalizer Decompose = new(compose: false);
    private readonly bool strip = stripAccents ?? lowerCase;

    public AlignedText Apply(AlignedText text)
    {
        if (Clean(text, whole: true) is { } done)
            return done;
        // A mark that stays must find its place among others: the form first, then the rest.
        var result = Clean(text, whole: false)!;
        if (strip)
            result = StripMarks(Decompose.Apply(result));
        return lowerCase ? Lower(result) : result;
    }

    public void Write(Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.WriteString("type", "BertNormalizer");
        json.WriteBoolean("clean_text", cleanText);
        json.WriteBoolean("handle_chinese_chars", spaceChinese);
        if (stripAccents is { } given)
            json.WriteBoolean("strip_accents", given);
        else
            json.WriteNull("strip_accents");
        json.WriteBoolean("lowercase", lowerCase);
        json.WriteEndObject();
    }

    /// <summary>Without non-spacing marks.</summary>
    internal static AlignedText StripMarks(AlignedText text)
    {
        var result = new AlignedText.Builder(text);
        var chars = text.Chars;
        for (var at = 0; at < chars.Length;)
        {
            var used = Rune.DecodeFromUtf16(chars[at..], out var rune, out var length) == System.Buffers.OperationStatus.Done ? length : 1;
            if (rune.IsAscii || Rune.GetUnicodeCategory(rune) != UnicodeCategory.NonSpacingMark)
                result.Add(chars.Slice(at, used), at, at + used);
            at += used;
        }

        return result.Build();
    }

    /// <summary>In small letters, each letter by itself.</summary>
    internal static AlignedText Lower(AlignedText text)
    {
        var result = new AlignedText.Builder(text);
        for (var at = 0; at < text.Length;)
        {
            var used = CharacterKinds.Read(text.Chars, at, out var rune);
            Add(result, rune, at, used, lower: true);
            at += used;
        }

        return result.Build();
    }

    // Cleans, and with `whole` also strips and lowers character by character; null when a character needs the canonical order of marks.
    private AlignedText? Clean(AlignedText text, bool whole)
    {
        var clean = new AlignedText.Builder(text);
        var chars = text.Chars;
        var parts = new List<int>(4);
        for (var at = 0; at < chars.Length;)
        {
            var c = chars[at];
            if (c < 128)
            {
                if (!cleanText || c is >= ' ' and not (char)127)
                    clean.Add(lowerCase && c is >= 'A' and <= 'Z' ? (char)(c | 32) : c, at, at + 1);
                else if (c is '\t' or '\n' or '\r')
                    clean.Add(' ', at, at + 1);
                at++;
                continue;
            }

            var used = CharacterKinds.Read(chars, at, out var rune);
            // U+0085 is both a control character and white space: it goes.
            if (cleanText && IsRemoved(rune))
            {
                at += used;
                continue;
            }

            if (cleanText && Rune.IsWhiteSpace(rune))
            {
                clean.Add(' ', at, at + used);
            }
            else
            {
                var alone = spaceChinese && IsChinese(rune.Value);
                if (alone)
                    clean.Add(' ', at, at + used);
                if (!Add(clean, rune, at, used, whole, parts))
                    return null;
                if (alone)
                    clean.Add(' ', at, at + used);
            }

            at += used;
        }

        return clean.Build();
    }

    private bool Add(AlignedText.Builder clean, Rune rune, int at, int used, bool whole, List<int> parts)
    {
        if (!whole || !strip)
        {
            Add(clean, rune, at, used, whole && lowerCase);
            return true;
        }

        parts.Clear();
        CanonicalForms.Decompose(rune.Value, parts);
        foreach (var part in parts)
        {
            var one = new Rune(part);
            if (!one.IsAscii && Rune.GetUnicodeCategory(one) == UnicodeCategory.NonSpacingMark)
                continue;
            if (CanonicalForms.Class(part) != 0)
                return false;
            Add(clean, one, at, used, lowerCase);
        }

        return true;
    }

    private static void Add(AlignedText.Builder clean, Rune rune, int at, int used, bool lower)
    {
        Span<char> utf16 = stackalloc char[2];
        // The one letter whose small form is two characters.
        if (lower && rune.Value == 0x130)
            clean.Add("i\u0307", at, at + used);
        else
            clean.Add(utf16[..(lower ? Rune.ToLowerInvariant(rune) : rune).EncodeToUtf16(utf16)], at, at + used);
    }

    private static bool IsRemoved(Rune rune)
    {
        if (rune.Value is 0 or 0xFFFD)
            return true;
        return rune.Value is not ('\t' or '\n' or '\r')
            && Rune.GetUnicodeCategory(rune) is UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.PrivateUse;
    }

    // The blocks of Chinese characters that BERT names.
    private static bool IsChinese(int c) => c is (>= 0x4E00 and <= 0x9FFF) or (>= 0x3400 and <= 0x4DBF) or (>= 0x20000 and <= 0x2A6DF) or (>= 0x2A700 and <= 0x2B73F)
        or (>= 0x2B740 and <= 0x2B81F) or (>= 0x2B920 and <= 0x2CEAF) or (>= 0xF900 and <= 0xFAFF) or (>= 0x2F800 and <= 0x2FA1F);
}
