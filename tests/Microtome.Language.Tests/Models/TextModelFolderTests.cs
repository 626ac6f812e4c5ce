using System.Text.Json;
using Microtome.Networks;
using Microtome.Torch;
using static Microtome.Torch.torch;

namespace Microtome.Language.Tests;

[Collection("torch")]
public sealed class TextModelFolderTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("model 模 ").FullName;
    private readonly DisposeScope scope = NewDisposeScope();

    public void Dispose()
    {
        scope.Dispose();
        Directory.Delete(folder, recursive: true);
    }

    private static string Public => Path.Combine(AppContext.BaseDirectory, "Fixtures", "tiny-bert");

    // What PyTorch's own encoder gives for the same weights (Fixtures/tiny_bert.py), with old names of norms, a pooler and a sentence-pair head that nobody needs.
    [Fact]
    public void Load_PublicBert_GivesRecordedLogits()
    {
        using var model = TextModelFolder.Load(Public);
        Check(model);
    }

    [Fact]
    public void Save_ThenLoad_ChangesNothing_AndNamesAreHuggingFaces()
    {
        using var model = TextModelFolder.Load(Public);
        TextModelFolder.Save(folder, model);
        using var again = TextModelFolder.Load(folder);
        Check(again);
        using var file = Safetensors.Load(Path.Combine(folder, "model.safetensors"));
        using var old = Safetensors.Load(Path.Combine(Public, "model.safetensors"));
        Assert.All(file.Tensors.Keys, name => Assert.Contains(name.Replace("embeddings.LayerNorm.weight", "embeddings.LayerNorm.gamma", StringComparison.Ordinal).Replace("embeddings.LayerNorm.bias", "embeddings.LayerNorm.beta", StringComparison.Ordinal), old.Tensors.Keys));
        var config = JsonDocument.Parse(File.ReadAllText(Path.Combine(folder, "config.json"))).RootElement;
        Assert.Equal("bert", config.GetProperty("model_type").GetString());
        Assert.Equal(24, config.GetProperty("hidden_size").GetInt32());

        // What is not a BERT does not say that it is one.
        using var other = new TextModel(model.Transformer.Options with { NormPlacement = NormPlacement.Pre }, TextOutput.MaskedToken);
        TextModelFolder.Save(folder, other);
        Assert.Equal("microtome", JsonDocument.Parse(File.ReadAllText(Path.Combine(folder, "config.json"))).RootElement.GetProperty("model_type").GetString());
    }

    [Theory]
    [InlineData(NormPlacement.Pre, FeedForwardKind.SwiGlu, true, false)]
    [InlineData(NormPlacement.Sandwich, FeedForwardKind.GeGlu, true, false)]
    [InlineData(NormPlacement.Sandwich, FeedForwardKind.Spark, true, false)]
    [InlineData(NormPlacement.Pre, FeedForwardKind.Spark, true, false)]
    [InlineData(NormPlacement.Pre, FeedForwardKind.GeGlu, false, true)]
    public void Save_ThenLoad_EveryLayout(NormPlacement norms, FeedForwardKind kind, bool causal, bool talking)
    {
        manual_seed(4);
        var options = new TransformerOptions
        {
            Layers = 2,
            Width = 16,
            Heads = 4,
            FeedForwardWidth = 24,
            Vocabulary = 30,
            MaxLength = 12,
            Causal = causal,
            NormPlacement = norms,
            Norm = causal ? NormKind.RmsNorm : NormKind.LayerNorm,
            FeedForward = kind,
            Positions = causal ? PositionKind.Rotary : PositionKind.T5Relative,
            TalkingHeads = talking ? new TalkingHeadsOptions { QueryToLogits = true } : null,
            InitialDeviation = 0,
        };
        using var model = new TextModel(options, causal ? TextOutput.NextToken : TextOutput.MaskedToken);
        model.eval();
        TextModelFolder.Save(folder, model);
        using var again = TextModelFolder.Load(folder);
        again.eval();
        var tokens = randint(0, 30, [2, 9]);
        Assert.InRange((model.Predict(model.Encode(tokens)) - again.Predict(again.Encode(tokens))).abs().max().item<float>(), 0, 1e-5f);
    }

    [Fact]
    public void Load_WrongFolders_SayWhatIsWrong()
    {
        Assert.Contains("config.json", Assert.Throws<TextException>(() => TextModelFolder.Load(folder)).Message, StringComparison.Ordinal);
        foreach (string file in Directory.GetFiles(Public))
            File.Copy(file, Path.Combine(folder, Path.GetFileName(file)));
        string config = Path.Combine(folder, "config.json"), text = File.ReadAllText(config);
        File.WriteAllText(config, text.Replace("\"hidden_size\": 24", "\"hidden_size\": 27", StringComparison.Ordinal));
        Assert.Contains("shape", Assert.Throws<TextException>(() => TextModelFolder.Load(folder)).Message, StringComparison.Ordinal);
        File.WriteAllText(config, text.Replace("\"num_hidden_layers\": 2", "\"num_hidden_layers\": 3", StringComparison.Ordinal));
        Assert.Contains("bert.encoder.layer.2", Assert.Throws<TextException>(() => TextModelFolder.Load(folder)).Message, StringComparison.Ordinal);
        File.WriteAllText(config, text.Replace("\"num_hidden_layers\": 2", "\"num_hidden_layers\": 1", StringComparison.Ordinal));
        Assert.Contains("no place for", Assert.Throws<TextException>(() => TextModelFolder.Load(folder)).Message, StringComparison.Ordinal);
        File.WriteAllText(config, text.Replace("\"bert\"", "\"t5\"", StringComparison.Ordinal));
        Assert.Contains("'t5'", Assert.Throws<TextException>(() => TextModelFolder.Load(folder)).Message, StringComparison.Ordinal);
        File.WriteAllText(config, "{");
        Assert.Contains("config.json", Assert.Throws<TextException>(() => TextModelFolder.Load(folder)).Message, StringComparison.Ordinal);
        File.WriteAllText(config, text);
        File.WriteAllBytes(Path.Combine(folder, "model.safetensors"), File.ReadAllBytes(Path.Combine(folder, "model.safetensors"))[..5000]);
        Assert.Contains("model.safetensors", Assert.Throws<TextException>(() => TextModelFolder.Load(folder)).Message, StringComparison.Ordinal);
    }

    // The decoder without libtorch reads what we train: the same logits, the same greedy tokens.
    [Theory]
    [InlineData(NormPlacement.Pre, FeedForwardKind.SwiGlu, 0)]
    [InlineData(NormPlacement.Pre, FeedForwardKind.GeGlu, 0)]
    [InlineData(NormPlacement.Sandwich, FeedForwardKind.GeGlu, 0)]
    [InlineData(NormPlacement.Pre, FeedForwardKind.Spark, 0)]
    [InlineData(NormPlacement.Sandwich, FeedForwardKind.Spark, 8)]
    [InlineData(NormPlacement.Pre, FeedForwardKind.Spark, 8)]
    public void Decoder_SaysWhatTheTrainingEngineSays(NormPlacement norms, FeedForwardKind kind, int keys)
    {
        manual_seed(8);
        var options = new TransformerOptions
        {
            Layers = 3,
            Width = 64,
            Heads = 4,
            KeyValueHeads = 2,
            FeedForwardWidth = 160,
            Vocabulary = 90,
            MaxLength = 64,
            Causal = true,
            NormPlacement = norms,
            Norm = NormKind.RmsNorm,
            NormEpsilon = 1e-6,
            FeedForward = kind,
            Spark = kind == FeedForwardKind.Spark ? new SparkOptions { PredictorWidth = 32, ActiveUnits = 16, AttentionPredictorWidth = keys > 0 ? 8 : 0, AttendedKeys = keys } : null,
            Positions = PositionKind.Rotary,
            Biases = false,
            TieEmbeddings = norms == NormPlacement.Sandwich,
            EmbeddingScale = norms == NormPlacement.Sandwich ? 8 : 1,
            InitialDeviation = 0,
        };
        using var model = new TextModel(options, TextOutput.NextToken);
        model.eval();
        TextModelFolder.Save(folder, model);
        using var opened = Decoding.DecoderModel.Open(folder, new Decoding.DecoderModelOptions { Format = Decoding.WeightFormat.Float32 });
        using var decoder = new Decoding.Decoder(opened, new Decoding.DecoderOptions { Context = 64, Threads = 2 });
        using var off = no_grad();
        List<int> tokens = [.. Enumerable.Range(0, 20).Select(i => (i * 37) % 90)];
        decoder.Append(0, tokens.ToArray());
        for (int step = 0; step < 30; step++)
        {
            using var inner = NewDisposeScope();
            var logits = model.Predict(model.Encode(tensor(tokens.Select(static t => (long)t).ToArray()).unsqueeze(0)))[0, tokens.Count - 1];
            float[] expected = logits.data<float>().ToArray(), actual = decoder.Logits(0).ToArray();
            Assert.InRange(expected.Zip(actual, static (a, b) => Math.Abs(a - b)).Max(), 0, 2e-3f);
            int next = Array.IndexOf(expected, expected.Max());
            Assert.Equal(next, Array.IndexOf(actual, actual.Max()));
            tokens.Add(next);
            decoder.Append(0, [next]);
        }
    }

    private static void Check(TextModel model)
    {
        model.eval();
        using var off = no_grad();
        var recorded = JsonDocument.Parse(File.ReadAllText(Path.Combine(Public, "recorded.json"))).RootElement;
        T[][] Rows<T>(string name, Func<JsonElement, T> value) => [.. recorded.GetProperty(name).EnumerateArray().Select(row => row.EnumerateArray().Select(value).ToArray())];
        var tokens = tensor(Rows("tokens", static e => e.GetInt64()).SelectMany(static r => r).ToArray()).reshape(2, 10);
        var segments = tensor(Rows("segments", static e => e.GetInt64()).SelectMany(static r => r).ToArray()).reshape(2, 10);
        var present = tensor(Rows("present", static e => e.GetSingle()).SelectMany(static r => r).ToArray()).reshape(2, 10);
        float[] expected = [.. recorded.GetProperty("logits").EnumerateArray().SelectMany(static b => b.EnumerateArray()).SelectMany(static t => t.EnumerateArray()).Select(static v => v.GetSingle())];
        var logits = model.Predict(model.Encode(tokens, present, segments));
        Assert.InRange((logits.flatten() - tensor(expected)).abs().max().item<float>(), 0, 1e-4f);
    }
}
