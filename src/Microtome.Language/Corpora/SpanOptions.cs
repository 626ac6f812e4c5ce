namespace Microtome.Language;

/// <summary>T5's task with its published defaults.</summary>
public sealed record SpanOptions
{
    /// <summary>Tokens of the text with sentinels, its end token counted.</summary>
    public required int InputLength { get; init; }

    /// <summary>The share of the text that is cut out. Default: 0.15.</summary>
    public double NoiseShare { get; init; } = 0.15;

    /// <summary>Mean tokens of a span. Default: 3.</summary>
    public double MeanSpan { get; init; } = 3;

    /// <summary>Who reads what. Default: encoder and decoder.</summary>
    public SpanForm Form { get; init; } = SpanForm.EncoderDecoder;

    /// <summary>Seed of the choice.</summary>
    public long Seed { get; init; }
}
