using System.Runtime.Intrinsics.X86;

namespace Microtome.Networks;

/// <summary>What the processor can do.</summary>
internal static class Processor
{
    /// <summary>True where products of bytes are summed in 32 bits without cutting off in between: AVX-512 VNNI or AVX VNNI.</summary>
    public static bool MultipliesBytes { get; } = X86Base.IsSupported && (HasVnni512() || HasVnni256());

    // Intel SDM, CPUID leaf 7: sub-leaf 0 ECX bit 11 is AVX512_VNNI, sub-leaf 1 EAX bit 4 is AVX_VNNI.
    private static bool HasVnni512() => Avx512F.IsSupported && (X86Base.CpuId(7, 0).Ecx & (1 << 11)) != 0;

    private static bool HasVnni256() => Avx2.IsSupported && (X86Base.CpuId(7, 1).Eax & (1 << 4)) != 0;
}
