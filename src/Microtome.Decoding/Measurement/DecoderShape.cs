namespace Microtome.Decoding;

/// <summary>Dimensions of decoders to measure; the defaults are Gemma-2 2B's and, for Spark, those of the paper.</summary>
public sealed record DecoderShape
{
    /// <summary>Model width d.</summary>
    public int Width { get; init; } = 2304;

    /// <summary>Hidden units of the dense feed-forward layer.</summary>
    public int Hidden { get; init; } = 9216;

    /// <summary>Hidden units of the Spark feed-forward layer; as many parameters as the dense one.</summary>
    public int SparkHidden { get; init; } = 13824;

    /// <summary>Inputs of its predictor, r.</summary>
    public int SparkInputs { get; init; } = 1024;

    /// <summary>Units that should fire, k.</summary>
    public int SparkUnits { get; init; } = 1106;

    /// <summary>Layers.</summary>
    public int Layers { get; init; } = 26;

    /// <summary>Tokens there are.</summary>
    public int Vocabulary { get; init; } = 256_000;

    /// <summary>The decoder of this shape.</summary>
    /// <param name="spark">With Spark feed-forward (r, k) and Spark attention (r_a = 128, k_a = 256).</param>
    public DecoderConfig Config(bool spark) => new()
    {
        Width = Width,
        Hidden = spark ? SparkHidden : Hidden,
        Layers = Layers,
        Heads = 8,
        KeyHeads = 4,
        HeadWidth = 256,
        Vocabulary = Vocabulary,
        Context = 8192,
        SandwichNorms = true,
        Gelu = true,
        TiedHead = true,
        EmbeddingScale = 1,
        QueryScale = 1 / 16f,
        AttentionCap = 50,
        LogitCap = 30,
        Window = 4096,
        AlternatingWindow = true,
        SparkInputs = spark ? SparkInputs : 0,
        SparkUnits = spark ? SparkUnits : 0,
        SparkKeyWidth = spark ? 128 : 0,
        SparkKeys = spark ? 256 : 0,
    };
}
