using System.Text;
using System.Text.Json.Nodes;

namespace Microtome.Decoding.Tests;

public sealed class DecoderModelTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("microtome-decoding-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Theory]
    [InlineData("gemma2", "hidden_size", "44", "is [61, 40], but config.json makes it [61, 44]")]
    [InlineData("gemma2", "num_hidden_layers", "4", "no tensor 'model.layers.3.")]
    [InlineData("gemma2", "num_key_value_heads", "3", "do not divide")]
    [InlineData("gemma2", "head_dim", "11", "odd")]
    [InlineData("gemma2", "vocab_size", "-1", "must lie in")]
    [InlineData("gemma2", "vocab_size", "1e9", "not a valid config.json")]
    [InlineData("gemma2", "vocab_size", "62", "is [61, 40]")]
    [InlineData("gemma2", "rms_norm_eps", "-1", "finite")]
    [InlineData("gemma2", "model_type", "\"mamba\"", "'mamba' is not read")]
    [InlineData("gemma2", "attention_bias", "true", "biases")]
    [InlineData("gemma2", "hidden_activation", "\"relu\"", "'relu' is not read")]
    [InlineData("gemma2", "intermediate_size", "71", "is [70, 40]")]
    [InlineData("llama", "rope_scaling", "{\"rope_type\":\"yarn\"}", "'yarn' is not read")]
    [InlineData("llama", "rope_scaling", "{\"rope_type\":\"linear\",\"factor\":0}", "must be positive")]
    [InlineData("llama", "num_attention_heads", "0", "must lie in")]
    [InlineData("llama", "microtome", "{\"transformer\":{\"feedForward\":\"topKGeGlu\"}}", "'topKGeGlu' is not decoded")]
    [InlineData("llama", "microtome", "{\"transformer\":{\"talkingHeads\":{}}}", "talkingHeads is set")]
    [InlineData("spark", "spark_r", "40", "must lie in")]
    [InlineData("spark", "spark_r", "18", "is [105, 17]")]
    [InlineData("spark", "spark_k", "106", "must lie in")]
    [InlineData("spark", "spark_ra", "5", "odd")]
    [InlineData("spark", "spark_d_ff", "104", "is [105, 17]")]
    public void Open_ConfigThatContradicts_SaysWhere(string name, string field, string value, string reason)
    {
        File.Copy(Path.Combine(Fixture.FolderOf(name), "model.safetensors"), Path.Combine(folder, "model.safetensors"));
        var config = JsonNode.Parse(File.ReadAllText(Path.Combine(Fixture.FolderOf(name), "config.json")))!.AsObject();
        config[field] = JsonNode.Parse(value);
        File.WriteAllText(Path.Combine(folder, "config.json"), config.ToJsonString());
        Assert.Contains(reason, Assert.Throws<DecodingException>(() => DecoderModel.Open(folder)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("[]")]
    [InlineData("{")]
    [InlineData("{\"model_type\":5}")]
    [InlineData("{\"model_type\":\"llama\"}")]
    public void Parse_NoConfig_IsRefused(string text) => Assert.Throws<DecodingException>(() => DecoderConfigReader.Parse(Encoding.UTF8.GetBytes(text), "test"));

    [Fact]
    public void Parse_RandomChanges_AreReadOrRefused()
    {
        var original = File.ReadAllBytes(Path.Combine(Fixture.FolderOf("llama"), "config.json"));
        var random = new Random(15);
        for (var round = 0; round < 3000; round++)
        {
            var bytes = (byte[])original.Clone();
            for (var i = 0; i < 1 + random.Next(3); i++)
                bytes[random.Next(bytes.Length)] = (byte)(random.Next(2) == 0 ? '0' + random.Next(10) : random.Next(256));
            try
            {
                _ = DecoderConfigReader.Parse(bytes, "test");
            }
            catch (DecodingException)
            {
            }
        }
    }

    [Fact]
    public void Read_GemmaConfig_HasItsParts()
    {
        var config = DecoderConfigReader.Read(Fixture.FolderOf("gemma2"));
        Assert.True(config is { NormPlusOne: true, SandwichNorms: true, Gelu: true, TiedHead: true, AlternatingWindow: true, Window: 5, AttentionCap: 5, LogitCap: 30, QueryScale: 0.25f, BeginToken: 2 });
        Assert.Equal(MathF.Sqrt(40), config.EmbeddingScale);
        Assert.Equal([1, 7], config.EndTokens);
        Assert.True(config.IsLocal(0));
        Assert.False(config.IsLocal(1));
    }

    [Fact]
    public void Open_NoWeights_SaysWhatIsMissing()
    {
        Assert.Contains("config.json", Assert.Throws<DecodingException>(() => DecoderModel.Open(folder)).Message, StringComparison.Ordinal);
        File.Copy(Path.Combine(Fixture.FolderOf("llama"), "config.json"), Path.Combine(folder, "config.json"));
        Assert.Contains("model.safetensors", Assert.Throws<DecodingException>(() => DecoderModel.Open(folder)).Message, StringComparison.Ordinal);
        File.WriteAllText(Path.Combine(folder, "model.safetensors.index.json"), """{"weight_map":{"a":"../../etc/passwd"}}""");
        Assert.Contains("not the name of a file", Assert.Throws<DecodingException>(() => DecoderModel.Open(folder)).Message, StringComparison.Ordinal);
        File.WriteAllText(Path.Combine(folder, "model.safetensors.index.json"), """{"weight_map":{"a":"one.safetensors"}}""");
        Assert.Contains("not there", Assert.Throws<DecodingException>(() => DecoderModel.Open(folder)).Message, StringComparison.Ordinal);
        File.Copy(Path.Combine(Fixture.FolderOf("llama"), "model.safetensors"), Path.Combine(folder, "one.safetensors"));
        using var model = DecoderModel.Open(folder);
        Assert.Equal(53, model.Config.Vocabulary);
    }

    [Theory]
    [InlineData(1f, 0x3F80)]
    [InlineData(-2.5f, 0xC020)]
    [InlineData(1.00390625f, 0x3F80)]
    [InlineData(1.01171875f, 0x3F82)]
    [InlineData(3.4028235e38f, 0x7F80)]
    [InlineData(float.PositiveInfinity, 0x7F80)]
    public void ToBf16_RoundsToNearestEven(float value, int bits) => Assert.Equal(bits, WeightStore.ToBf16(value));

    [Fact]
    public void ToBf16_NaN_StaysNaN() => Assert.True(float.IsNaN(BitConverter.Int32BitsToSingle(WeightStore.ToBf16(BitConverter.Int32BitsToSingle(0x7F800001)) << 16)));
}
