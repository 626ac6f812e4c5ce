using System.Globalization;
using System.Text;

namespace Microtome.Language;

/// <summary>Questions about characters that several parts ask.</summary>
internal static class CharacterKinds
{
    /// <summary>Reads a character; a lone surrogate reads as U+FFFD of length 1.</summary>
    public static int Read(ReadOnlySpan<char> text, int at, out Rune rune)
    {
        var c = text[at];
        if (c < 128)
        {
            rune = new Rune(c);
            return 1;
        }

        return Rune.DecodeFromUtf16(text[at..], out rune, out var used) == System.Buffers.OperationStatus.Done ? used : 1;
    }

    /// <summary>BERT's punctuation: every mark of ASCII that is no letter or digit, and Unicode's P categories.</summary>
    public static bool IsPunctuation(Rune rune) => rune.IsAscii
        ? rune.Value is (>= 33 and <= 47) or (>= 58 and <= 64) or (>= 91 and <= 96) or (>= 123 and <= 126)
        : Rune.GetUnicodeCategory(rune) is >= UnicodeCategory.ConnectorPunctuation and <= UnicodeCategory.OtherPunctuation;

    /// <summary>Letters, digits, marks, connectors: what a word is made of.</summary>
    public static bool IsWord(Rune rune) => Rune.IsLetterOrDigit(rune)
        || Rune.GetUnicodeCategory(rune) is UnicodeCategory.ConnectorPunctuation or UnicodeCategory.NonSpacingMark or UnicodeCategory.SpacingCombiningMark or UnicodeCategory.EnclosingMark or UnicodeCategory.LetterNumber;
}
