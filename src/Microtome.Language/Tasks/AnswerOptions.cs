namespace Microtome.Language;

/// <summary>How answers are read from a model's scores, with the published defaults.</summary>
public sealed record AnswerOptions
{
    /// <summary>The best starts and ends of a window that are tried, and the answers that are kept. Default: 20.</summary>
    public int Best { get; init; } = 20;

    /// <summary>Tokens of an answer at most. Default: 30.</summary>
    public int MaximumLength { get; init; } = 30;

    /// <summary>Whether a question may have no answer (version 2). Default: false.</summary>
    public bool MayBeImpossible { get; init; }

    /// <summary>No answer is given when its score is better than the best answer's by more than this. Default: 0.</summary>
    public double NullThreshold { get; init; }
}
