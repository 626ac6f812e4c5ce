using System.Text.Json;

namespace Microtome.EndToEnd.Tests;

public class TokenizerTests
{
    [Theory]
    [InlineData("bpe")]
    [InlineData("wordpiece")]
    public void Train_ThenEncodeAndDecode_GivesTheTextBack(string kind)
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder["a.txt"], string.Concat(Enumerable.Repeat("the tissue of the slide is thin\n", 30)));
        File.WriteAllText(folder["b.txt"], "the thin slide");

        var train = MicrotomeProgram.Run("text", "tokenizer", "train", folder["a.txt"], "-o", folder["t"], "--kind", kind, "--vocab", "300", "--json");
        Assert.Equal(0, train.ExitCode);
        using var trained = JsonDocument.Parse(train.Out);
        Assert.InRange(trained.RootElement.GetProperty("vocabulary_size").GetInt32(), 20, 300);
        var encoded = MicrotomeProgram.Run("text", "tokenizer", "encode", folder["b.txt"], "--tokenizer", folder["t"]);
        Assert.Equal(0, encoded.ExitCode);
        // Every word is a token by now.
        Assert.Equal(3, encoded.Out.Split(' ').Length);
        var decoded = MicrotomeProgram.Shell($"echo '{encoded.Out}' | \"$MICROTOME\" text tokenizer decode --tokenizer \"$1\"", folder["t"]);
        Assert.Equal((0, "the thin slide\n"), (decoded.ExitCode, decoded.Out));
    }

    [Fact]
    public void Encode_StandardInputWithBertsVocabulary_GivesItsIds()
    {
        var vocabulary = Path.Combine(MicrotomeProgram.Root, "samples", "text", "bert-base-uncased");
        var outcome = MicrotomeProgram.Shell("printf 'Hello, world!' | \"$MICROTOME\" text tokenizer encode --special --tokenizer \"$1\"", vocabulary);
        Assert.Equal((0, "101 7592 1010 2088 999 102\n"), (outcome.ExitCode, outcome.Out));
    }

    [Fact]
    public void BadInput_IsExplainedInALineOrTwo()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllBytes(folder["latin.txt"], [0x41, 0xE4, 0x20]);
        File.WriteAllText(folder["empty.txt"], string.Empty);
        var vocabulary = Path.Combine(MicrotomeProgram.Root, "samples", "text", "gpt2");
        (string Message, int Code, string[] Line)[] cases =
        [
            ("latin.txt is not UTF-8: byte 1 ", 3, ["train", folder["latin.txt"], "-o", folder["t"]]),
            ("empty.txt is empty", 3, ["train", folder["empty.txt"], "-o", folder["t"]]),
            ("there is no such file", 3, ["train", folder["none.txt"], "-o", folder["t"]]),
            ("needs -o DIR", 2, ["train", folder["latin.txt"]]),
            ("holds no tokenizer", 3, ["encode", folder["empty.txt"], "--tokenizer", folder.FullPath]),
            ("latin.txt is not UTF-8: byte 1 ", 3, ["encode", folder["latin.txt"], "--tokenizer", vocabulary]),
            ("'x' is no id", 2, ["decode", "x", "--tokenizer", vocabulary]),
            ("0 to 50256", 3, ["decode", "50257", "--tokenizer", vocabulary]),
        ];
        foreach (var (message, code, line) in cases)
        {
            var outcome = MicrotomeProgram.Run(["text", "tokenizer", .. line]);
            Assert.Equal(code, outcome.ExitCode);
            Assert.Contains(message, outcome.Error, StringComparison.Ordinal);
            Assert.InRange(outcome.ErrorLines.Length, 1, 2);
        }
    }
}
