using System.Buffers;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Microtome.Imaging;

/// <summary>One direction of <see cref="AntialiasedResize"/> on any processor.</summary>
internal static class ResizePass
{
    /// <summary>Every row to another width. Four bytes (a pixel and what follows it) are one vector.</summary>
    public static void AlongRows(RgbImage source, TriangleTaps taps, byte[] target, int width)
    {
        int stride = source.Width * 3;

        // The last pixel of a row is read with the byte after it, so rows are read from a copy with room at the end. Likewise when writing.
        byte[] rows = ArrayPool<byte>.Shared.Rent(stride + (width * 3) + 8);
        try
        {
            ref byte from = ref MemoryMarshal.GetArrayDataReference(rows);
            ref byte to = ref Unsafe.Add(ref from, stride + 4);
            ref int weights = ref MemoryMarshal.GetArrayDataReference(taps.Weights);
            for (int y = 0; y < source.Height; y++)
            {
                source.Row(y).CopyTo(rows);
                for (int x = 0; x < width; x++)
                {
                    ref byte pixel = ref Unsafe.Add(ref from, (nint)(uint)taps.First[x] * 3);
                    ref int weight = ref Unsafe.Add(ref weights, (nint)(uint)x * taps.Most);
                    var sum = Vector128.Create(TriangleTaps.Half);
                    for (int t = 0; t < taps.Count[x]; t++)
                    {
                        sum += Widen(ref Unsafe.Add(ref pixel, (nint)(uint)t * 3)) * Unsafe.Add(ref weight, t);
                    }

                    Unsafe.WriteUnaligned(ref Unsafe.Add(ref to, (nint)(uint)x * 3), Narrow(sum));
                }

                rows.AsSpan(stride + 4, width * 3).CopyTo(target.AsSpan(y * width * 3));
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(rows);
        }
    }

    /// <summary>Every column to another height: rows of samples, added up with one weight each.</summary>
    public static void AlongColumns(byte[] source, TriangleTaps taps, RgbImage target)
    {
        int stride = target.Width * 3;
        for (int y = 0; y < target.Height; y++)
        {
            var from = source.AsSpan(taps.First[y] * stride, taps.Count[y] * stride);
            var weights = taps.Weights.AsSpan(y * taps.Most, taps.Count[y]);
            var to = target.Row(y);
            ref byte first = ref MemoryMarshal.GetReference(from);
            ref byte result = ref MemoryMarshal.GetReference(to);
            int i = 0;
            for (; i <= stride - 16; i += 16)
            {
                var (a, b, c, d) = (Vector128.Create(TriangleTaps.Half), Vector128.Create(TriangleTaps.Half), Vector128.Create(TriangleTaps.Half), Vector128.Create(TriangleTaps.Half));
                nuint at = (nuint)i;
                foreach (int weight in weights)
                {
                    var (low, high) = Vector128.Widen(Vector128.LoadUnsafe(ref first, at));
                    var (p, q) = Vector128.Widen(low);
                    var (r, s) = Vector128.Widen(high);
                    a += p.AsInt32() * weight;
                    b += q.AsInt32() * weight;
                    c += r.AsInt32() * weight;
                    d += s.AsInt32() * weight;
                    at += (nuint)stride;
                }

                var left = Vector128.Narrow((a >> TriangleTaps.Bits).AsUInt32(), (b >> TriangleTaps.Bits).AsUInt32());
                var right = Vector128.Narrow((c >> TriangleTaps.Bits).AsUInt32(), (d >> TriangleTaps.Bits).AsUInt32());
                Vector128.Narrow(left, right).StoreUnsafe(ref result, (nuint)i);
            }

            for (; i < stride; i++)
            {
                int sum = TriangleTaps.Half;
                for (int t = 0; t < weights.Length; t++)
                    sum += from[(t * stride) + i] * weights[t];
                to[i] = (byte)(sum >> TriangleTaps.Bits);
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<int> Widen(ref byte pixel)
    {
        var (low, _) = Vector128.Widen(Vector128.CreateScalarUnsafe(Unsafe.ReadUnaligned<uint>(ref pixel)).AsByte());
        return Vector128.WidenLower(low).AsInt32();
    }

    // Weights are not negative and sum to 2^22 within a few units, so that no sum reaches 256 * 2^22: nothing is cut off.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static uint Narrow(Vector128<int> sum)
    {
        var shifted = (sum >> TriangleTaps.Bits).AsUInt32();
        var words = Vector128.Narrow(shifted, shifted);
        return Vector128.Narrow(words, words).AsUInt32().ToScalar();
    }
}
