namespace Microtome.Networks;

/// <summary>Talking-heads attention (arXiv 2003.02436): small learnt matrices along the heads, on the scores and on the weights.</summary>
public sealed record TalkingHeadsOptions
{
    /// <summary>Which mixes there are.</summary>
    public HeadMixing Mixing { get; init; } = HeadMixing.Both;

    /// <summary>Heads of the softmax, h; 0: as many as of the queries.</summary>
    public int SoftmaxHeads { get; init; }

    /// <summary>Heads of the values, h_v; 0: as many as of the queries.</summary>
    public int ValueHeads { get; init; }

    /// <summary>What the mixes begin with.</summary>
    public MixingStart Start { get; init; }

    /// <summary>Whether the mix of the scores also depends on the query's token ("x2l").</summary>
    public bool QueryToLogits { get; init; }

    /// <summary>Whether the mix of the scores also depends on the key's token ("m2l").</summary>
    public bool MemoryToLogits { get; init; }

    /// <summary>Whether the mix of the weights also depends on the query's token ("x2w").</summary>
    public bool QueryToWeights { get; init; }

    /// <summary>Whether the mix of the weights also depends on the key's token ("m2w").</summary>
    public bool MemoryToWeights { get; init; }
}
