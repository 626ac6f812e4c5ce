using System.Globalization;
using System.Text;

namespace Microtome.Language.Tests;

/// <summary>Every code point against Hugging Face's library (Fixtures/classes.mjs). Its tables are of other Unicode versions than .NET's: characters that one of them does not know yet (for BERT's cleaning those since Unicode 9) differ.</summary>
public sealed class CodePointTests
{
    [Theory]
    [InlineData("gpt2", 1)]
    [InlineData("bert", 506)]
    [InlineData("punctuation", 142)]
    [InlineData("nfc", 1)]
    [InlineData("nfd", 1)]
    public void EveryCodePoint_IsTreatedAsRecorded(string name, int most)
    {
        var bert = new BertNormalizer();
        var splitter = new BertSplitter();
        var nfc = new CanonicalNormalizer(compose: true);
        var nfd = new CanonicalNormalizer(compose: false);
        var wrong = new List<string>();
        foreach (var run in Recorded.Json("code-points.json.gz").GetProperty(name).EnumerateArray())
        {
            var expected = run[2].GetString();
            for (var code = run[0].GetInt32(); code <= run[1].GetInt32(); code++)
            {
                var c = char.ConvertFromUtf32(code);
                var got = name switch
                {
                    "gpt2" => Pieces(Gpt2Splitter.Split, "a" + c) == 1 ? "letter" : Pieces(Gpt2Splitter.Split, "1" + c) == 1 ? "number" : Pieces(Gpt2Splitter.Split, "#" + c) == 1 ? "other" : "space",
                    "bert" => Cleaned(bert, c),
                    "punctuation" => Pieces(splitter.Split, $"x{c}x") == 3 ? "yes" : "no",
                    "nfc" => Changed(nfc, c),
                    _ => Changed(nfd, c),
                };
                if (got == expected)
                    continue;
                Assert.True(code > 0x600, $"{code:X4}: expected {expected}, got {got}");
                wrong.Add($"{code:X4} {CharUnicodeInfo.GetUnicodeCategory(code)}: expected {expected}, got {got}");
            }
        }

        Assert.True(wrong.Count <= most, $"{wrong.Count}:\n{string.Join('\n', wrong.Take(60))}");
    }

    [Fact]
    public void TowersOfMarks_AreOrderedByClass_HoweverHigh()
    {
        var nfd = new CanonicalNormalizer(compose: false);
        foreach (var pairs in (int[])[3, 50, 50_000])
        {
            // Acute (class 230) and grave below (class 220) in turn, over a letter with a diaeresis (230) of its own.
            var text = "\u00E4" + string.Concat(Enumerable.Repeat("\u0301\u0316", pairs)) + "b";
            Assert.True("a" + new string('\u0316', pairs) + "\u0308" + new string('\u0301', pairs) + "b" == Apply(nfd, text));
        }
    }

    private delegate void Splitting(ReadOnlySpan<char> text, int from, int to, List<(int From, int To)> pieces);

    private static int Pieces(Splitting split, string text)
    {
        var pieces = new List<(int From, int To)>();
        split(text, 0, text.Length, pieces);
        return pieces.Count;
    }

    private static string Apply(INormalizer normalizer, string text) => normalizer.Apply(new AlignedText(text, 0, text.Length)).Chars.ToString();

    private static string Cleaned(BertNormalizer bert, string c)
    {
        var inside = Apply(bert, $"x{c}x")[1..^1];
        return inside == c ? "same" : inside.Length == 0 ? "removed" : inside == " " ? "space" : inside == $" {c} " ? "alone" : Hex(inside);
    }

    private static string Changed(CanonicalNormalizer form, string c) => Apply(form, c) is var changed && changed == c ? "same" : Hex(changed);

    private static string Hex(string text) => string.Join(' ', text.EnumerateRunes().Select(static r => r.Value.ToString("x", CultureInfo.InvariantCulture)));
}
