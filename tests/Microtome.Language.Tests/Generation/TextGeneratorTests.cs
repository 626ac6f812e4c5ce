using Microtome.Decoding;

namespace Microtome.Language.Tests;

public sealed class TextGeneratorTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("microtome-text-").FullName;
    private readonly DecoderModel model = DecoderModel.Random(Config, WeightFormat.Float32, 3);
    private readonly ITokenizer tokenizer;

    public TextGeneratorTests()
    {
        ByteTokenizer.Write(folder);
        tokenizer = Tokenizers.Load(folder);
    }

    private static DecoderConfig Config => new() { Width = 32, Hidden = 48, Layers = 2, Heads = 2, KeyHeads = 1, HeadWidth = 16, Vocabulary = 260, Context = 64, QueryScale = 0.25f, TiedHead = false };

    public void Dispose()
    {
        model.Dispose();
        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public void Run_Pieces_AddUpToTheTextWithoutHalfCharacters()
    {
        using var decoder = new Microtome.Decoding.Decoder(model, new() { Threads = 1 });
        var generator = new TextGenerator(model, decoder, tokenizer);
        var pieces = new List<string>();
        var options = new GenerationOptions { MaximumTokens = 40, Sampling = new() { Temperature = 1.5, Seed = 4 } };
        var answer = Assert.Single(generator.Run(["Übung"], options, (i, piece) =>
        {
            Assert.Equal(0, i);
            pieces.Add(piece);
        }));
        Assert.Equal(6, answer.PromptTokens);
        Assert.Equal(answer.Text, string.Concat(pieces));
        Assert.All(pieces, static p => Assert.False(char.IsLowSurrogate(p[0]) || char.IsHighSurrogate(p[^1])));
        Assert.Equal(answer.Text, Assert.Single(generator.Run(["Übung"], options)).Text);
    }

    [Fact]
    public void Run_SeveralPrompts_AnswerAsEachAlone()
    {
        string[] prompts = ["one", "another", "x", "the last of them"];
        var options = new GenerationOptions { MaximumTokens = 12 };
        using var alone = new Microtome.Decoding.Decoder(model, new() { Threads = 1 });
        var expected = prompts.Select(p => new TextGenerator(model, alone, tokenizer).Run([p], options)[0]).ToArray();
        using var side = new Microtome.Decoding.Decoder(model, new() { Threads = 2, Sequences = 3 });
        Assert.Equal(expected, new TextGenerator(model, side, tokenizer).Run(prompts, options));
    }

    [Fact]
    public void Run_StopString_EndsBeforeIt()
    {
        using var decoder = new Microtome.Decoding.Decoder(model, new() { Threads = 1 });
        var generator = new TextGenerator(model, decoder, tokenizer);
        var options = new GenerationOptions { MaximumTokens = 30, Sampling = new() { Temperature = 1, TopK = 30, Seed = 2 } };
        var whole = generator.Run(["abc"], options)[0].Text;
        var stop = whole.Substring(5, 3);
        var answer = generator.Run(["abc"], options with { Stop = [stop, "never there"] })[0];
        Assert.Equal(whole[..whole.IndexOf(stop, StringComparison.Ordinal)], answer.Text);
        Assert.True(answer.Stopped);
    }

    [Fact]
    public void Run_ToTheEndOfTheContext_EndsThere()
    {
        using var decoder = new Microtome.Decoding.Decoder(model, new() { Threads = 1, Context = 10 });
        var generator = new TextGenerator(model, decoder, tokenizer);
        var answer = generator.Run(["1234567"], new() { MaximumTokens = 100 })[0];
        Assert.True(answer is { PromptTokens: 7, Tokens: 4, Stopped: false } || answer.Stopped);
        Assert.Contains("11 tokens", Assert.Throws<DecodingException>(() => generator.Run(["12345678901"], new())).Message, StringComparison.Ordinal);
        // An empty prompt is the token that begins a text.
        Assert.Equal(1, generator.Run([string.Empty], new() { MaximumTokens = 1 })[0].PromptTokens);
    }

    [Fact]
    public void Run_CancelledInTheMiddle_StopsAndTheNextWorks()
    {
        using var decoder = new Microtome.Decoding.Decoder(model, new() { Threads = 1 });
        var generator = new TextGenerator(model, decoder, tokenizer);
        using var cancel = new CancellationTokenSource();
        var options = new GenerationOptions { MaximumTokens = 50, Sampling = new() { Temperature = 1 } };
        Assert.Throws<OperationCanceledException>(() => generator.Run(["abc"], options, (_, _) => cancel.Cancel(), cancel.Token));
        Assert.True(generator.Run(["abc"], options)[0].Tokens > 1);
    }
}
