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
        var clean = new AlignedText.Builder(text);
        var chars = text.Chars;
        for (var at = 0; at < chars.Length;)
        {
            var c = chars[at];
            if (c < 128)
            {
                if (!cleanText || c is >= ' ' and not (char)127)
                    clean.Add(lowerCase && c is >= 'A' and <= 'Z' ? (char)(c | 32) : c, at, at + 1);
                else if (c is '\t' or '\n' or '\v' or '\f' or '\r' && !IsRemoved(new Rune(c)))
                    clean.Add(' ', at, at + 1);
                at++;
                continue;
            }

            var whole = Rune.DecodeFromUtf16(chars[at..], out var rune, out var used) == System.Buffers.OperationStatus.Done;
            Clean(clean, whole ? rune : Rune.ReplacementChar, at, used);
            at += used;
        }

        var result = clean.Build();
        if (!HasNonAscii(result.Chars))
            return result;
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
        var chars = text.Chars;
        Span<char> utf16 = stackalloc char[2];
        for (var at = 0; at < chars.Length;)
        {
            var done = Rune.DecodeFromUtf16(chars[at..], out var rune, out var length) == System.Buffers.OperationStatus.Done;
            var used = done ? length : 1;
            // The one letter whose small form is two characters.
            if (rune.Value == 0x130)
                result.Add("i\u0307", at, at + used);
            else if (done)
                result.Add(utf16[..Rune.ToLowerInvariant(rune).EncodeToUtf16(utf16)], at, at + used);
            else
                result.Add(chars[at], at, at + 1);
            at += used;
        }

        return result.Build();
    }

    private void Clean(AlignedText.Builder clean, Rune rune, int at, int used)
    {
        Span<char> utf16 = stackalloc char[2];
        if (cleanText && IsRemoved(rune))
            return;
        if (cleanText && Rune.IsWhiteSpace(rune))
        {
            clean.Add(' ', at, at + used);
            return;
        }

        var alone = spaceChinese && IsChinese(rune.Value);
        if (alone)
            clean.Add(' ', at, at + used);
        clean.Add(utf16[..rune.EncodeToUtf16(utf16)], at, at + used);
        if (alone)
            clean.Add(' ', at, at + used);
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

    private static bool HasNonAscii(ReadOnlySpan<char> chars) => chars.ContainsAnyExceptInRange('\0', '\x7f');
}
