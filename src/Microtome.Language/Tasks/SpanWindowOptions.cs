namespace Microtome.Language;

/// <summary>How passages are cut for a model, with the published defaults.</summary>
public sealed record SpanWindowOptions
{
    /// <summary>Tokens of a window. Default: 384.</summary>
    public int Length { get; init; } = 384;

    /// <summary>Tokens of the passage from one window to the next. Default: 128.</summary>
    public int Stride { get; init; } = 128;

    /// <summary>Tokens of a question at most; the rest is cut off. Default: 64.</summary>
    public int QuestionLength { get; init; } = 64;
}
