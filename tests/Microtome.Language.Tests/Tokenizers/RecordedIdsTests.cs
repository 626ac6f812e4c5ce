using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Microtome.Language.Tests;

/// <summary>Ids, places and decoded texts against Hugging Face's own library (Fixtures/record.mjs).</summary>
public sealed class RecordedIdsTests
{
    [Fact]
    public void Bert_Uncased_GivesTheRecordedIds() => Compare("bert-uncased", Recorded.Bert, special: true);

    [Theory]
    [InlineData("bert-keep-case", false, false)]
    [InlineData("bert-lower-keep-accents", true, false)]
    public void Bert_OtherCleaning_GivesTheRecordedIds(string name, bool lower, bool strip) =>
        Compare(name, Change(Recorded.Bert, json => (json["normalizer"]!["lowercase"], json["normalizer"]!["strip_accents"]) = (lower, strip)), special: false);

    [Fact]
    public void Bert_Pairs_GiveTheRecordedIdsAndTypes()
    {
        foreach (var row in Recorded.Json("bert-pairs.json.gz").EnumerateArray())
        {
            var tokens = Recorded.Bert.EncodePair(row.GetProperty("a").GetString()!, row.GetProperty("b").GetString()!);
            Assert.Equal(Ints(row, "ids"), tokens.Ids);
            Assert.Equal(Ints(row, "types"), tokens.Types);
        }
    }

    [Fact]
    public void Gpt2_GivesTheRecordedIds() => Compare("gpt2", Recorded.Gpt2, special: false);

    [Fact]
    public void Gpt2_WithPrefixSpaceAndTrimmedPlaces_GivesTheRecordedIds() => Compare(
        "gpt2-prefix-trim",
        Change(Recorded.Gpt2, static json =>
        {
            json["pre_tokenizer"]!["add_prefix_space"] = true;
            json["post_processor"] = JsonNode.Parse("""{"type":"ByteLevel","add_prefix_space":true,"trim_offsets":true,"use_regex":true}""");
        }),
        special: false);

    [Fact]
    public void Gpt2_WithLlama3Words_GivesTheRecordedIds() => Compare(
        "gpt2-llama3-words",
        Change(Recorded.Gpt2, static json =>
        {
            json["model"]!["ignore_merges"] = true;
            json["pre_tokenizer"] = JsonNode.Parse(
                """
                {"type":"Sequence","pretokenizers":[{"type":"Split","pattern":{"Regex":"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}{1,3}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+"},"behavior":"Isolated","invert":false},
                {"type":"ByteLevel","add_prefix_space":false,"trim_offsets":true,"use_regex":false}]}
                """);
        }),
        special: false);

    [Theory]
    [InlineData("llama2-form")]
    [InlineData("gemma-form")]
    [InlineData("metaspace-form")]
    public void CharacterBpe_GivesTheRecordedIds(string name)
    {
        using var folder = new TemporaryFolder();
        var path = folder["tokenizer.json"];
        using (var packed = Recorded.Open($"{name}.tokenizer.json.gz"))
        using (var plain = File.Create(path))
            packed.CopyTo(plain);
        Compare(name, Tokenizers.Load(path), special: true, composes: name == "metaspace-form");
    }

    [Fact]
    public void StreamingDecoder_PutTogether_IsDecode()
    {
        foreach (var tokenizer in (ITokenizer[])[Recorded.Bert, Recorded.Gpt2])
        {
            foreach (var row in Recorded.Json("gpt2.json.gz").EnumerateArray())
            {
                var ids = tokenizer.Encode(row.GetProperty("text").GetString()!).Ids;
                var decoder = tokenizer.CreateDecoder();
                var text = new StringBuilder();
                foreach (var id in ids)
                {
                    var part = decoder.Next(id);
                    // Text comes out in whole characters.
                    Assert.False(part.Length > 0 && char.IsHighSurrogate(part[^1]));
                    text.Append(part);
                }

                text.Append(decoder.Finish());
                Assert.Equal(tokenizer.Decode(ids), text.ToString());
            }
        }
    }

    [Theory]
    [InlineData("Ġworld", true)]
    [InlineData("world", false)]
    [InlineData(",", true)]
    [InlineData("Ċ", true)]
    [InlineData("ing", false)]
    [InlineData("Ĥ", false)]
    [InlineData("<|endoftext|>", true)]
    public void WordStart_OfBytes_IsJudgedByTheFirstCharacter(string token, bool starts) => Assert.Equal(starts, Recorded.Gpt2.IsWordStart(Recorded.Gpt2.Id(token)!.Value));

    [Fact]
    public void Roles_OfTheSamples_AreFound()
    {
        Assert.Equal((103, 101, 102, 0, 100, null, null), (Recorded.Bert.Special.Mask, Recorded.Bert.Special.Cls, Recorded.Bert.Special.Sep, Recorded.Bert.Special.Pad, Recorded.Bert.Special.Unk, Recorded.Bert.Special.Bos, Recorded.Bert.Special.Eos));
        Assert.Equal((null, 50256, 50256), (Recorded.Gpt2.Special.Mask, Recorded.Gpt2.Special.Bos, Recorded.Gpt2.Special.Eos));
        using var folder = new TemporaryFolder();
        Tokenizers.Save(Recorded.Gpt2, folder["tokenizer.json"]);
        folder.Write("special_tokens_map.json", """{"pad_token":{"content":"<|endoftext|>"},"mask_token":"Ġmask","cls_token":"not there"}""");
        var named = Tokenizers.Load(folder["tokenizer.json"]).Special;
        Assert.Equal((50256, Recorded.Gpt2.Id("Ġmask"), null), (named.Pad, named.Mask, named.Cls));
    }

    private static ITokenizer Change(ITokenizer tokenizer, Action<JsonNode> change)
    {
        using var folder = new TemporaryFolder();
        Tokenizers.Save(tokenizer, folder["tokenizer.json"]);
        var json = JsonNode.Parse(File.ReadAllText(folder["tokenizer.json"]))!;
        change(json);
        File.WriteAllText(folder["tokenizer.json"], json.ToJsonString());
        return Tokenizers.Load(folder["tokenizer.json"]);
    }

    private static void Compare(string name, ITokenizer tokenizer, bool special, bool composes = false)
    {
        var wrong = new List<string>();
        var rows = 0;
        foreach (var row in Recorded.Json($"{name}.json.gz").EnumerateArray())
        {
            rows++;
            var text = row.GetProperty("text").GetString()!;
            var tokens = tokenizer.Encode(text, special);
            var points = CodePoints(text);
            int[] ids = Ints(row, "ids"), offsets = Ints(row, "offsets");
            if (!ids.SequenceEqual(tokens.Ids))
                wrong.Add($"ids of {Show(text)}\n  expected {string.Join(' ', ids.Select(i => $"{i}:{tokenizer.Token(i)}"))}\n  got      {string.Join(' ', tokens.Ids.Select(i => $"{i}:{tokenizer.Token(i)}"))}");
            // A character that NFC composed has here the places of all its parts, there of its first.
            else if (!(composes && text.Any(IsComposed)) && !offsets.SequenceEqual(Enumerable.Range(0, tokens.Count).SelectMany(i => (int[])[points[tokens.Starts[i]], points[tokens.Ends[i]]])))
                wrong.Add($"places of {Show(text)}\n  expected {string.Join(' ', offsets)}\n  got      {string.Join(' ', Enumerable.Range(0, tokens.Count).SelectMany(i => (int[])[points[tokens.Starts[i]], points[tokens.Ends[i]]]))}");
            var decoded = row.GetProperty("decoded").GetString()!;
            if (tokenizer.Decode(ids) != decoded)
                wrong.Add($"decoded {Show(text)}\n  expected {Show(decoded)}\n  got      {Show(tokenizer.Decode(ids))}");
        }

        Assert.True(rows > 300);
        Assert.True(wrong.Count == 0, $"{wrong.Count} of {rows}\n{string.Join('\n', wrong.Take(20))}");
    }

    private static bool IsComposed(char c) => c is >= '\u1100' and < '\u1200' || char.GetUnicodeCategory(c) == System.Globalization.UnicodeCategory.NonSpacingMark;

    // The recording counts code points, this library UTF-16 units.
    private static int[] CodePoints(string text)
    {
        var points = new int[text.Length + 1];
        for (int i = 0, point = 0; i < text.Length; i++)
        {
            points[i] = point;
            if (!(char.IsHighSurrogate(text[i]) && i + 1 < text.Length && char.IsLowSurrogate(text[i + 1])))
                point++;
            points[i + 1] = point;
        }

        return points;
    }

    private static int[] Ints(JsonElement row, string name) => [.. row.GetProperty(name).EnumerateArray().Select(static e => e.GetInt32())];

    private static string Show(string text) => JsonSerializer.Serialize(text);
}
