namespace Microtome.Decoding;

/// <summary>How a model is run.</summary>
public sealed record DecoderOptions
{
    /// <summary>Positions of a sequence, prompt and answer together; null for the model's own.</summary>
    public int? Context { get; init; }

    /// <summary>Sequences that are decoded side by side.</summary>
    public int Sequences { get; init; } = 1;

    /// <summary>Threads; the results do not depend on it.</summary>
    public int Threads { get; init; } = Environment.ProcessorCount;

    /// <summary>Tokens of a prompt that go through the layers together.</summary>
    public int Chunk { get; init; } = 512;

    /// <summary>Find the likeliest token without reading the whole output matrix (see <see cref="Decoder.Greedy(int, ReadOnlySpan{int}, CancellationToken)"/>); takes memory for an 8-bit copy of it.</summary>
    public bool TopSearch { get; init; }

    /// <summary>Kernels to use; null for the best of this machine.</summary>
    public Instructions? Instructions { get; init; }
}
