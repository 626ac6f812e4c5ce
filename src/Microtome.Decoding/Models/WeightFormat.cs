namespace Microtome.Decoding;

/// <summary>How weights lie in memory.</summary>
public enum WeightFormat
{
    /// <summary>Upper half of a float.</summary>
    BFloat16,

    /// <summary>Single precision.</summary>
    Float32,

    /// <summary>Signed 8-bit integers of [-127, 127] with one factor a row.</summary>
    Int8,
}
