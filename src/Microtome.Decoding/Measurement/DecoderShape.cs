namespace Microtome.Decoding;

/// <summary>Dimensions of a decoder to measure; the defaults are Gemma-2 2B's and, for Spark, those of the paper.</summary>
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
}
