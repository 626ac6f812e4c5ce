namespace Microtome.Decoding;

/// <summary>A decoder's configuration and weights. Several <see cref="Decoder"/>s may use one, one after another.</summary>
public sealed unsafe class DecoderModel : IDisposable
{
    private readonly ModelFiles? files;
    private readonly WeightStore store;
    private SparkFeedForward.Shared? shared;

    private DecoderModel(DecoderConfig config, ModelFiles? files, DecoderModelOptions options)
    {
        Config = config;
        this.files = files;
        store = new WeightStore(options);
    }

    /// <summary>What it is.</summary>
    public DecoderConfig Config { get; }

    /// <summary>Bytes of weights that a token reads when all units fire: everything but the embedding of other tokens.</summary>
    public long WeightBytes => Layers.Sum(static l => l.Query.Bytes + l.Key.Bytes + l.Value.Bytes + l.Output.Bytes + l.FeedForward.Bytes) + Head.Bytes;

    /// <summary>Bytes of weights that the last token read.</summary>
    public long BytesRead => Layers.Sum(static l => l.Query.Bytes + l.Key.Bytes + l.Value.Bytes + l.Output.Bytes + l.FeedForward.BytesRead) + Head.Bytes;

    internal Matrix Embedding { get; private set; }

    /// <summary>[vocabulary, d].</summary>
    internal Matrix Head { get; private set; }

    internal nint FinalNorm { get; private set; }

    internal IReadOnlyList<DecoderLayer> Layers { get; private set; } = [];

    internal WeightStore Store => store;

    /// <summary>Opens a folder with <c>config.json</c> and safetensors.</summary>
    /// <exception cref="DecodingException">A file is missing, not valid, or contradicts the configuration.</exception>
    public static DecoderModel Open(string folder, DecoderModelOptions? options = null) => Open(folder, DecoderConfigReader.Read(folder), options);

    /// <summary>Opens a folder's weights as a given configuration.</summary>
    /// <exception cref="DecodingException">A file is missing, not valid, or contradicts the configuration.</exception>
    public static DecoderModel Open(string folder, DecoderConfig config, DecoderModelOptions? options = null)
    {
        var model = new DecoderModel(config.Checked(folder), ModelFiles.Open(folder), options ?? new());
        try
        {
            model.Load();
            return model;
        }
        catch
        {
            model.Dispose();
            throw;
        }
    }

    /// <summary>Random weights, for measurements.</summary>
    public static DecoderModel Random(DecoderConfig config, WeightFormat format, int seed)
    {
        var model = new DecoderModel(config.Checked("random model"), null, new() { Format = format });
        try
        {
            model.Fill(format, seed);
            return model;
        }
        catch
        {
            model.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        shared?.Dispose();
        store.Dispose();
        files?.Dispose();
    }

    private void Load()
    {
        var c = Config;
        var plus = c.NormPlusOne ? 1f : 0;
        Embedding = store.Matrix(Rows("model.embed_tokens.weight", c.Vocabulary, c.Width));
        Head = c.TiedHead ? Embedding : store.Matrix(Rows("lm_head.weight", c.Vocabulary, c.Width));
        FinalNorm = store.Vector(Rows("model.norm.weight", 1, c.Width), plus);
        var layers = new List<DecoderLayer>();
        for (var i = 0; i < c.Layers; i++)
        {
            var name = $"model.layers.{i}.";
            layers.Add(new DecoderLayer
            {
                InputNorm = Norm(name + "input_layernorm.weight"),
                AttentionNorm = c.SandwichNorms ? Norm(name + "post_attention_layernorm.weight") : 0,
                FeedForwardNorm = Norm(name + (c.SandwichNorms ? "pre_feedforward_layernorm.weight" : "post_attention_layernorm.weight")),
                OutputNorm = c.SandwichNorms ? Norm(name + "post_feedforward_layernorm.weight") : 0,
                Query = store.Matrix(Rows(name + "self_attn.q_proj.weight", c.Heads * c.HeadWidth, c.Width)),
                Key = store.Matrix(Rows(name + "self_attn.k_proj.weight", c.KeyHeads * c.HeadWidth, c.Width)),
                Value = store.Matrix(Rows(name + "self_attn.v_proj.weight", c.KeyHeads * c.HeadWidth, c.Width)),
                Output = store.Matrix(Rows(name + "self_attn.o_proj.weight", c.Width, c.Heads * c.HeadWidth)),
                FeedForward = FeedForward(name + "mlp."),
            });
        }

        Layers = layers;

        nint Norm(string name) => store.Vector(Rows(name, 1, c.Width), plus);
    }

    private FeedForward FeedForward(string name)
    {
        var c = Config;
        if (c.SparkInputs == 0)
        {
            return new DenseFeedForward(
                store.Matrix(Rows(name + "gate_proj.weight", c.Hidden, c.Width)),
                store.Matrix(Rows(name + "up_proj.weight", c.Hidden, c.Width)),
                store.Matrix(Rows(name + "down_proj.weight", c.Width, c.Hidden)),
                c.Gelu);
        }

        shared ??= new SparkFeedForward.Shared(c.Width, c.Hidden);
        return new SparkFeedForward(
            store.Matrix(Rows(name + "predictor.weight", c.Hidden, c.SparkInputs)),
            store.Records(Rows(name + "value.weight", c.Hidden, c.Width - c.SparkInputs), Rows(name + "down_proj.weight", c.Width, c.Hidden)),
            c.SparkUnits,
            shared);
    }

    private TensorRows Rows(string name, int rows, int columns)
    {
        if (!files!.Tensors.TryGetValue(name, out var tensor))
            throw new DecodingException($"{files.Folder}: the weights have no tensor '{name}', which config.json calls for.");
        _ = files.Tensors.TryGetValue(name + "_scale", out var scale);
        return new TensorRows(tensor, scale, rows, columns);
    }

    private void Fill(WeightFormat format, int seed)
    {
        var c = Config;
        var count = 0;
        Embedding = Matrix(c.Vocabulary, c.Width, 1);
        Head = c.TiedHead ? Embedding : Matrix(c.Vocabulary, c.Width, 1 / Math.Sqrt(c.Width));
        FinalNorm = Ones();
        var layers = new List<DecoderLayer>();
        for (var i = 0; i < c.Layers; i++)
        {
            layers.Add(new DecoderLayer
            {
                InputNorm = Ones(),
                AttentionNorm = c.SandwichNorms ? Ones() : 0,
                FeedForwardNorm = Ones(),
                OutputNorm = c.SandwichNorms ? Ones() : 0,
                Query = Matrix(c.Heads * c.HeadWidth, c.Width, 1 / Math.Sqrt(c.Width)),
                Key = Matrix(c.KeyHeads * c.HeadWidth, c.Width, 1 / Math.Sqrt(c.Width)),
                Value = Matrix(c.KeyHeads * c.HeadWidth, c.Width, 1 / Math.Sqrt(c.Width)),
                Output = Matrix(c.Width, c.Heads * c.HeadWidth, 1 / Math.Sqrt(c.Heads * c.HeadWidth)),
                FeedForward = c.SparkInputs == 0
                    ? new DenseFeedForward(Matrix(c.Hidden, c.Width, 1 / Math.Sqrt(c.Width)), Matrix(c.Hidden, c.Width, 1 / Math.Sqrt(c.Width)), Matrix(c.Width, c.Hidden, 1 / Math.Sqrt(c.Hidden)), c.Gelu)
                    : new SparkFeedForward(
                        Matrix(c.Hidden, c.SparkInputs, 1 / Math.Sqrt(c.SparkInputs)),
                        Matrix(c.Hidden, (2 * c.Width) - c.SparkInputs, 1 / Math.Sqrt(c.Width), factors: 2),
                        c.SparkUnits,
                        shared ??= new SparkFeedForward.Shared(c.Width, c.Hidden)),
            });
        }

        Layers = layers;

        Matrix Matrix(int rows, int columns, double deviation, int factors = 1)
        {
            var data = store.Take((long)rows * columns * Decoding.Matrix.SizeOf(format));
            RandomWeights.Fill(data.Data, (long)rows * columns, format, seed + ++count, deviation);
            if (format != WeightFormat.Int8)
                return new Matrix(data.Data, rows, columns, format);
            var scales = store.Take((long)rows * factors * sizeof(float));
            new Span<float>(scales.Data, rows * factors).Fill((float)(deviation / 40));
            return new Matrix(data.Data, rows, columns, format, scales.Floats);
        }

        nint Ones()
        {
            var data = store.Take((long)c.Width * sizeof(float));
            new Span<float>(data.Data, c.Width).Fill(1);
            return (nint)data.Data;
        }
    }
}
