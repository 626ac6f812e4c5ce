namespace Microtome.Pathology;

/// <summary>The arithmetic of a network.</summary>
public enum NetworkPrecision
{
    /// <summary>8 bits where model and machine can, otherwise float32.</summary>
    Auto,

    /// <summary>32-bit floating point.</summary>
    Float32,

    /// <summary>8-bit whole numbers with 32-bit sums: several times as fast, and the same to within a few 255ths.</summary>
    Int8,
}
