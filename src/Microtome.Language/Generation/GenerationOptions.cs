using Microtome.Decoding;

namespace Microtome.Language;

/// <summary>How texts are continued.</summary>
public sealed record GenerationOptions
{
    /// <summary>Tokens of an answer, at most; the context ends it, too.</summary>
    public int MaximumTokens { get; init; } = 256;

    /// <summary>Strings that end an answer; they are not part of it.</summary>
    public IReadOnlyList<string> Stop { get; init; } = [];

    /// <summary>How tokens are drawn.</summary>
    public SamplingOptions Sampling { get; init; } = new();
}
