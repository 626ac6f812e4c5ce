using System.Text;
using System.Text.Json.Nodes;

namespace Microtome.Language.Tests;

/// <summary>One defect a case, and the message it gets.</summary>
public sealed class BadTokenizerTests
{
    private const string Good = """
        {"version":"1.0","added_tokens":[{"id":3,"content":"<s>","special":true}],"normalizer":{"type":"NFC"},"pre_tokenizer":{"type":"ByteLevel","add_prefix_space":false},
         "post_processor":null,"decoder":{"type":"ByteLevel"},"model":{"type":"BPE","vocab":{"a":0,"b":1,"ab":2},"merges":[["a","b"]]}}
        """;

    [Theory]
    [InlineData("model", "7", "model must be an object")]
    [InlineData("model.type", "\"Unigram\"", "'Unigram' is not read; BPE and WordPiece are")]
    [InlineData("model.type", "[1]", "model.type must be a string; it is an array")]
    [InlineData("model.vocab", "{}", "the vocabulary is empty")]
    [InlineData("model.vocab", "null", "model.vocab is missing")]
    [InlineData("model.vocab", "{\"a\":0,\"b\":0,\"ab\":2}", "gives the id 0 to 'a' and to 'b'")]
    [InlineData("model.vocab", "{\"a\":\"x\"}", "model.vocab.a must be a whole number")]
    [InlineData("model.vocab", "{\"a\":-1}", "the id -1 is not in 0..")]
    [InlineData("model.vocab", "{\"a\":2000000000}", "the id 2000000000 is not in 0..")]
    [InlineData("model.vocab", "{\"a\":1e400}", "must be a whole number")]
    [InlineData("model.merges", "[[\"a\",\"c\"]]", "needs 'c', which is not in the vocabulary")]
    [InlineData("model.merges", "[[\"a\",\"b\"],[\"a\",\"b\"]]", "stands there twice")]
    [InlineData("model.merges", "[[\"a\"]]", "must be two strings")]
    [InlineData("model.merges", "[\"ab\"]", "is no merge")]
    [InlineData("model.merges", "{}", "model.merges must be an array")]
    [InlineData("model.unk_token", "\"?\"", "the unknown token '?' is not in the vocabulary")]
    [InlineData("pre_tokenizer", "{\"type\":\"Bert\"}", "a pre_tokenizer of the kind 'Bert' is not read")]
    [InlineData("pre_tokenizer", "{\"type\":\"Split\",\"pattern\":{\"Regex\":\"(\"},\"behavior\":\"Isolated\"}", "the expression '(' is not understood")]
    [InlineData("pre_tokenizer", "{\"type\":\"Split\",\"pattern\":{\"String\":\"\"},\"behavior\":\"Isolated\"}", "an empty pattern")]
    [InlineData("pre_tokenizer", "{\"type\":\"Split\",\"pattern\":{\"String\":\"x\"},\"behavior\":\"Burnt\"}", "'Burnt' is none of")]
    [InlineData("normalizer", "{\"type\":\"Precompiled\",\"precompiled_charsmap\":\"AA\"}", "a normalizer of the kind 'Precompiled' is not read")]
    [InlineData("decoder", "{\"type\":\"CTC\"}", "a decoder of the kind 'CTC' is not read")]
    [InlineData("post_processor", "{\"type\":\"TemplateProcessing\",\"single\":[{\"SpecialToken\":{\"id\":\"[CLS]\"}}],\"pair\":[]}", "'[CLS]', which is not in the vocabulary")]
    [InlineData("post_processor", "{\"type\":\"TemplateProcessing\",\"single\":[{\"Sequence\":{\"id\":\"C\"}}],\"pair\":[]}", "must be A or B")]
    [InlineData("added_tokens", "[{\"id\":0,\"content\":\"<s>\"}]", "has the id 0, which the vocabulary gives to 'a'")]
    [InlineData("added_tokens", "[{\"id\":3,\"content\":\"x\"},{\"id\":3,\"content\":\"y\"}]", "have the same id 3")]
    [InlineData("added_tokens", "[{\"id\":3,\"content\":\"\"}]", "an added token is empty")]
    [InlineData("added_tokens", "[{\"id\":3}]", "content is missing")]
    public void OneDefect_IsNamed(string place, string value, string message)
    {
        using var folder = new TemporaryFolder();
        var json = JsonNode.Parse(Good)!;
        string[] path = place.Split('.');
        var parent = path.Length == 1 ? json : json[path[0]]!;
        parent[path[^1]] = value == "1e400" ? null : JsonNode.Parse(value);
        var file = folder.Write("tokenizer.json", json.ToJsonString());

        var error = Assert.Throws<TextException>(() => Tokenizers.Load(file));

        Assert.Contains("tokenizer.json", error.Message, StringComparison.Ordinal);
        Assert.Contains(message, error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', error.Message);
    }

    [Fact]
    public void Good_Loads()
    {
        using var folder = new TemporaryFolder();
        Assert.Equal([3, 2], Tokenizers.Load(folder.Write("tokenizer.json", Good)).Encode("<s>ab").Ids);
    }

    [Theory]
    [InlineData("", "is empty")]
    [InlineData("{", "is no JSON")]
    [InlineData("[]", "the file must be an object")]
    [InlineData("not json", "is no JSON")]
    [InlineData("{\"a\":1}", "a vocabulary without merges")]
    [InlineData("{\"model\":{\"vocab\":{\"a\":0,\"a\":1},\"merges\":[]}}", "'a' stands there twice")]
    public void NoTokenizerJson_SaysWhy(string text, string message)
    {
        using var folder = new TemporaryFolder();
        var error = Assert.Throws<TextException>(() => Tokenizers.Load(folder.Write("tokenizer.json", text)));
        Assert.Contains(message, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void DeepNesting_IsRefused()
    {
        using var folder = new TemporaryFolder();
        var file = folder.Write("tokenizer.json", new string('[', 100_000) + new string(']', 100_000));
        Assert.Contains("is no JSON", Assert.Throws<TextException>(() => Tokenizers.Load(file)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void HugeFile_IsNotRead()
    {
        using var folder = new TemporaryFolder();
        using (var stream = File.Create(folder["tokenizer.json"]))
            stream.SetLength(TokenizerJson.LargestFile + 1);
        Assert.Contains("at most", Assert.Throws<TextException>(() => Tokenizers.Load(folder["tokenizer.json"])).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void VocabularyWithDuplicates_NamesBothLines()
    {
        using var folder = new TemporaryFolder();
        var error = Assert.Throws<TextException>(() => Tokenizers.Load(folder.Write("vocab.txt", "[UNK]\nthe\na\nthe\n")));
        Assert.Contains("'the' stands in line 2 and again in line 4", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void VocabularyWithoutUnknown_OrNoUtf8_IsRefused()
    {
        using var folder = new TemporaryFolder();
        Assert.Contains("[UNK]", Assert.Throws<TextException>(() => Tokenizers.Load(folder.Write("vocab.txt", "the\na\n"))).Message, StringComparison.Ordinal);
        File.WriteAllBytes(folder["vocab.txt"], [0x41, 0xFF, 0x0A]);
        Assert.Contains("not UTF-8", Assert.Throws<TextException>(() => Tokenizers.Load(folder["vocab.txt"])).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void MutatedFiles_AreRefusedOrWork_NeverMore()
    {
        using var folder = new TemporaryFolder();
        var good = Encoding.UTF8.GetBytes(Good);
        var random = new Random(8);
        var refused = 0;
        for (var round = 0; round < 1500; round++)
        {
            var bytes = (byte[])good.Clone();
            for (var i = 0; i <= round % 4; i++)
                bytes[random.Next(bytes.Length)] = (byte)random.Next(32, 127);
            File.WriteAllBytes(folder["tokenizer.json"], bytes);
            try
            {
                var tokenizer = Tokenizers.Load(folder["tokenizer.json"]);
                tokenizer.Decode(tokenizer.Encode("ab ba <s> x 😀").Ids);
            }
            catch (TextException)
            {
                refused++;
            }
        }

        Assert.InRange(refused, 500, 1499);
    }

    [Fact]
    public void IdOutsideTheVocabulary_SaysItsRange()
    {
        var error = Assert.Throws<TextException>(() => Recorded.Gpt2.Decode([50257]));
        Assert.Contains("0 to 50256", error.Message, StringComparison.Ordinal);
        Assert.Throws<TextException>(() => Recorded.Gpt2.CreateDecoder().Next(-1));
    }

    [Fact]
    public void AnyText_EvenLoneSurrogates_Encodes()
    {
        var random = new Random(4);
        for (var round = 0; round < 400; round++)
        {
            var text = new string([.. Enumerable.Range(0, random.Next(40)).Select(_ => (char)(random.Next(3) == 0 ? random.Next(0xD800, 0xE000) : random.Next(0x10000)))]);
            foreach (var tokenizer in (ITokenizer[])[Recorded.Bert, Recorded.Gpt2])
            {
                var tokens = tokenizer.Encode(text, addSpecial: true);
                Assert.All(tokens.Starts.Zip(tokens.Ends), p => Assert.True(p.First <= p.Second && p.Second <= text.Length));
            }

            // Bytes lose nothing but what is no character.
            Assert.Equal(Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(text)), Recorded.Gpt2.Decode(Recorded.Gpt2.Encode(text).Ids));
        }
    }
}
