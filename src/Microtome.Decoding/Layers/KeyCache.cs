namespace Microtome.Decoding;

/// <summary>
/// Keys and values of the positions so far, single precision, by layer, sequence and key head. Dense: [context, width] of keys, then of values. Spark: the predictor parts of the keys [context, r_a], read as a whole,
/// and a record of the rest of the key and the value [context, (width - r_a) + width], read for chosen keys only.
/// </summary>
internal sealed unsafe class KeyCache : IDisposable
{
    private readonly NativeBuffer data;
    private readonly int sequences;
    private readonly int keyHeads;
    private readonly int context;
    private readonly int first;
    private readonly int second;

    public KeyCache(DecoderConfig config, int sequences, int context)
    {
        this.sequences = sequences;
        this.context = context;
        keyHeads = config.KeyHeads;
        first = config.SparkKeyWidth > 0 ? config.SparkKeyWidth : config.HeadWidth;
        second = (2 * config.HeadWidth) - first;
        // Not cleared: what is not used is never touched, so it takes no memory.
        data = NativeBuffer.Of<float>(checked((long)config.Layers * sequences * keyHeads * context * (first + second)), clear: false);
    }

    /// <summary>Floats of a row of <see cref="First"/>.</summary>
    public int FirstWidth => first;

    /// <summary>Floats of a row of <see cref="Second"/>.</summary>
    public int SecondWidth => second;

    public float* First(int layer, int sequence, int head) => data.Floats + (((((long)layer * sequences) + sequence) * keyHeads) + head) * context * (first + second);

    public float* Second(int layer, int sequence, int head) => First(layer, sequence, head) + ((long)context * first);

    /// <inheritdoc/>
    public void Dispose() => data.Dispose();
}
