namespace Microtome.Decoding;

/// <summary>How weights are held.</summary>
public sealed record DecoderModelOptions
{
    /// <summary>The format of matrices in memory; null keeps the file's (half precision becomes single). Int8 is made at load with a factor a row.</summary>
    public WeightFormat? Format { get; init; }

    /// <summary>Copy matrices that could stay in the mapped file, onto huge pages: faster, but not shared with other processes.</summary>
    public bool Copy { get; init; }

    /// <summary>Threads that convert.</summary>
    public int Threads { get; init; } = Environment.ProcessorCount;
}
