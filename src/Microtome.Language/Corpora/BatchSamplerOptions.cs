namespace Microtome.Language;

/// <summary>Which windows of a corpus make a batch.</summary>
public sealed record BatchSamplerOptions
{
    /// <summary>Tokens of a window. An objective says how many it needs (<see cref="TextObjective.WindowLength"/>).</summary>
    public required int WindowLength { get; init; }

    /// <summary>Tokens from one window's start to the next; 0, the default, for <see cref="WindowLength"/>. A causal objective reads one token more than it moves on.</summary>
    public int Stride { get; init; }

    /// <summary>Windows of a batch over all processes.</summary>
    public required int BatchSize { get; init; }

    /// <summary>Seed of the order.</summary>
    public long Seed { get; init; }

    /// <summary>A new random order in every epoch (default), or the order of the corpus.</summary>
    public bool Shuffle { get; init; } = true;

    /// <summary>The share of the documents (of the tokens, for <see cref="SplitKind.Last"/>) that is held out; 0, the default, for none.</summary>
    public double HeldOutShare { get; init; }

    /// <summary>Which documents are held out. Default: by hash. The choice does not depend on <see cref="Seed"/>.</summary>
    public SplitKind Split { get; init; } = SplitKind.Hash;

    /// <summary>Take the documents that are held out instead of the others. Default: false.</summary>
    public bool HeldOut { get; init; }
}
