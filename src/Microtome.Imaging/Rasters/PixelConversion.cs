using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Microtome.Imaging;

/// <summary>Pixel layouts of the native libraries to ours.</summary>
internal static class PixelConversion
{
    /// <summary>
    /// Premultiplied ARGB words (bytes B, G, R, A in memory) laid on white: c + 255 - a per sample, which is exact because the colour is already
    /// multiplied by its alpha. Opaque pixels pass unchanged; wholly transparent ones become white.
    /// </summary>
    public static void ArgbOnWhiteToRgb(ReadOnlySpan<uint> argb, Span<byte> rgb)
    {
        if (rgb.Length < argb.Length * 3)
            throw new ArgumentException("The destination is too small.", nameof(rgb));
        int i = 0;
        if (Vector128.IsHardwareAccelerated && BitConverter.IsLittleEndian)
        {
            ref uint source = ref MemoryMarshal.GetReference(argb);
            ref byte target = ref MemoryMarshal.GetReference(rgb);
            var order = Vector128.Create((byte)2, 1, 0, 6, 5, 4, 10, 9, 8, 14, 13, 12, 255, 255, 255, 255);
            var opaque = Vector128.Create(0xff000000u);

            // A 16-byte store of 12 useful bytes: the four after them are overwritten by the next step, so the last pixels go the slow way.
            for (; i <= argb.Length - 8; i += 4)
            {
                Vector128<uint> pixels = Vector128.LoadUnsafe(ref source, (nuint)i);
                if ((pixels & opaque) != opaque)
                {
                    Vector128<uint> rest = Vector128<uint>.AllBitsSet - (pixels | ~opaque);
                    rest = (rest >> 24) * Vector128.Create(0x00010101u);
                    pixels = Vector128.AddSaturate(pixels.AsByte(), rest.AsByte()).AsUInt32();
                }

                Vector128.Shuffle(pixels.AsByte(), order).StoreUnsafe(ref target, (nuint)(i * 3));
            }
        }

        for (; i < argb.Length; i++)
        {
            uint p = argb[i];
            uint white = 255 - (p >> 24);
            rgb[i * 3] = (byte)Math.Min(255, ((p >> 16) & 255) + white);
            rgb[(i * 3) + 1] = (byte)Math.Min(255, ((p >> 8) & 255) + white);
            rgb[(i * 3) + 2] = (byte)Math.Min(255, (p & 255) + white);
        }
    }
}
