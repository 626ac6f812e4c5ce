namespace Microtome.Decoding;

/// <summary>The part of a layer that works on each token alone: x [tokens, d] to y [tokens, d].</summary>
internal abstract unsafe class FeedForward(int width)
{
    /// <summary>d.</summary>
    protected int Width { get; } = width;

    /// <summary>Weights in memory.</summary>
    public abstract long Bytes { get; }

    /// <summary>Floats of scratch memory for so many tokens; kept by the caller, one for all layers.</summary>
    public abstract long ScratchFloats(int tokens);

    /// <summary>Fraction of hidden units that the last call computed.</summary>
    public virtual double Active => 1;

    /// <summary>Weight bytes that the last call of one token read.</summary>
    public virtual long BytesRead => Bytes;

    public abstract void Run(Engine engine, float* x, int tokens, float* y, float* scratch);
}
