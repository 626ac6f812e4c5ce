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
