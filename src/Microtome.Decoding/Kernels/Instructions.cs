using System.Runtime.Intrinsics.X86;

namespace Microtome.Decoding;

/// <summary>The instruction sets that kernels are compiled for. Results are the same for any thread count, and differ between sets in the last digits only.</summary>
public enum Instructions
{
    /// <summary>Four floats at a time; runs anywhere.</summary>
    Portable,

    /// <summary>AVX2 with FMA, eight floats at a time.</summary>
    Avx2,

    /// <summary>AVX-512 (F, BW, VL), sixteen floats at a time.</summary>
    Avx512,
}

/// <summary>Which instruction set this machine has.</summary>
public static class Machine
{
    /// <summary>The widest set that this machine runs.</summary>
    public static Instructions Best { get; } = Has(Instructions.Avx512) ? Instructions.Avx512 : Has(Instructions.Avx2) ? Instructions.Avx2 : Instructions.Portable;

    /// <summary>Whether kernels of this set run here.</summary>
    public static bool Has(Instructions instructions) => instructions switch
    {
        Instructions.Avx512 => Avx512F.IsSupported && Avx512BW.IsSupported && Avx512F.VL.IsSupported && Has(Instructions.Avx2),
        Instructions.Avx2 => Avx2.IsSupported && Fma.IsSupported,
        _ => true,
    };
}
