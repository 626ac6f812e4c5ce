using System.Runtime.InteropServices;

namespace Microtome.Torch;

/// <summary>mt_value: a tagged argument or result.</summary>
[StructLayout(LayoutKind.Explicit, Size = 24)]
internal struct NativeValue
{
    [FieldOffset(0)] public long Kind;
    [FieldOffset(8)] public long Count;
    [FieldOffset(16)] public long Integer;
    [FieldOffset(16)] public double Real;
    [FieldOffset(16)] public nint Pointer;
}
