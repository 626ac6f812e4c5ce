namespace Microtome.Decoding;

/// <summary>Weights of a layer. Norms are native floats [d] that already hold Gemma's 1 +.</summary>
internal sealed unsafe class DecoderLayer
{
    public required nint InputNorm { get; init; }

    /// <summary>After attention, before the sum; 0 when there is none.</summary>
    public nint AttentionNorm { get; init; }

    public required nint FeedForwardNorm { get; init; }

    /// <summary>After the feed-forward part, before the sum; 0 when there is none.</summary>
    public nint OutputNorm { get; init; }

    /// <summary>[heads * width, d].</summary>
    public required Matrix Query { get; init; }

    /// <summary>[key heads * width, d].</summary>
    public required Matrix Key { get; init; }

    /// <summary>[key heads * width, d].</summary>
    public required Matrix Value { get; init; }

    /// <summary>[d, heads * width].</summary>
    public required Matrix Output { get; init; }

    public required FeedForward FeedForward { get; init; }
}
