using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Microtome.Pathology;

/// <summary>Vector loops on 8- and 16-bit maps. Integer arithmetic throughout, so that results do not depend on the machine or the window.</summary>
internal static class FixedPoint
{
    /// <summary>bytes[i] = round(255 * clamp(values[i], 0, 1)).</summary>
    public static void ToBytes(ReadOnlySpan<float> values, Span<byte> bytes)
    {
        ref var source = ref MemoryMarshal.GetReference(values);
        ref var target = ref MemoryMarshal.GetReference(bytes);
        var i = 0;
        if (Vector256.IsHardwareAccelerated)
        {
            for (; i <= values.Length - 32; i += 32)
            {
                var a = Vector256.Narrow(Int(ref source, i), Int(ref source, i + 8));
                var b = Vector256.Narrow(Int(ref source, i + 16), Int(ref source, i + 24));
                Vector256.Narrow(a, b).StoreUnsafe(ref target, (nuint)i);
            }
        }

        for (; i < values.Length; i++)
        {
            var v = values[i] * 255f;
            bytes[i] = (byte)((v > 0f ? Math.Min(v, 255f) : 0f) + 0.5f);
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        static Vector256<uint> Int(ref float source, int at)
        {
            var v = Vector256.LoadUnsafe(ref source, (nuint)at) * 255f;
            v = Vector256.ConditionalSelect(Vector256.GreaterThan(v, Vector256<float>.Zero), v, Vector256<float>.Zero); // NaN compares false
            return Vector256.ConvertToInt32(Vector256.Min(v, Vector256.Create(255f)) + Vector256.Create(0.5f)).AsUInt32();
        }
    }

    /// <summary>result = clamp((distance * (256 - weight) + foreground * weight) / 256 - contact * contactWeight / 256, 0, 255).</summary>
    public static void Mix(ReadOnlySpan<byte> distance, ReadOnlySpan<byte> foreground, int weight, ReadOnlySpan<byte> contact, int contactWeight, Span<byte> result)
    {
        if (weight == 0 && contact.IsEmpty)
        {
            distance.CopyTo(result);
            return;
        }

        for (var i = 0; i < result.Length; i++)
        {
            var v = (distance[i] * (256 - weight)) + (foreground[i] * weight);
            if (!contact.IsEmpty)
                v -= contact[i] * contactWeight;
            result[i] = (byte)(Math.Max(v, 0) >> 8);
        }
    }

    /// <summary>Half of a symmetric kernel in 1/256, the centre first; the whole kernel sums to 256.</summary>
    public static ushort[] Gaussian(double sigma)
    {
        if (sigma <= 0)
            return [256];
        var radius = Math.Max(1, (int)Math.Ceiling(sigma * 3));
        var exact = new double[radius + 1];
        for (var i = 0; i <= radius; i++)
            exact[i] = Math.Exp(-i * i / (2 * sigma * sigma));
        var sum = exact[0] + (2 * exact.Skip(1).Sum());
        var kernel = exact.Select(v => (ushort)Math.Round(256 * v / sum)).ToArray();
        while (kernel.Length > 1 && kernel[^1] == 0)
            kernel = kernel[..^1];
        kernel[0] = (ushort)(256 - (2 * kernel.Skip(1).Sum(v => v)));
        return kernel;
    }

    /// <summary>One row, along x: result[x] = sum of kernel * padded, in 1/256 (0..65280).</summary>
    /// <param name="padded">The row with kernel.Length - 1 samples more on each side.</param>
    /// <param name="kernel">See <see cref="Gaussian"/>.</param>
    /// <param name="result">As wide as the row.</param>
    public static void BlurRow(ReadOnlySpan<byte> padded, ReadOnlySpan<ushort> kernel, Span<ushort> result)
    {
        var radius = kernel.Length - 1;
        ref var source = ref MemoryMarshal.GetReference(padded);
        var x = 0;
        if (Vector256.IsHardwareAccelerated)
        {
            for (; x <= result.Length - 16; x += 16)
            {
                var sum = Load(ref source, x + radius) * Vector256.Create(kernel[0]);
                for (var k = 1; k <= radius; k++)
                    sum += (Load(ref source, x + radius - k) + Load(ref source, x + radius + k)) * Vector256.Create(kernel[k]);
                sum.StoreUnsafe(ref MemoryMarshal.GetReference(result), (nuint)x);
            }
        }

        for (; x < result.Length; x++)
        {
            var sum = padded[x + radius] * kernel[0];
            for (var k = 1; k <= radius; k++)
                sum += (padded[x + radius - k] + padded[x + radius + k]) * kernel[k];
            result[x] = (ushort)sum;
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        static Vector256<ushort> Load(ref byte source, int at) => Vector256.WidenLower(Vector128.LoadUnsafe(ref source, (nuint)at).ToVector256Unsafe());
    }

    /// <summary>Along y: result[x] = (sum of kernel * rows) / 2^shift, where rows[r] lies r - (kernel.Length - 1) below.</summary>
    public static void BlurColumns(ReadOnlySpan<ushort[]> rows, ReadOnlySpan<ushort> kernel, int shift, Span<ushort> result)
    {
        var radius = kernel.Length - 1;
        var x = 0;
        if (Vector256.IsHardwareAccelerated)
        {
            for (; x <= result.Length - 16; x += 16)
            {
                var (low, high) = Vector256.Widen(Vector256.LoadUnsafe(ref rows[radius][0], (nuint)x));
                low *= Vector256.Create((uint)kernel[0]);
                high *= Vector256.Create((uint)kernel[0]);
                for (var k = 1; k <= radius; k++)
                {
                    var w = Vector256.Create((uint)kernel[k]);
                    var (al, ah) = Vector256.Widen(Vector256.LoadUnsafe(ref rows[radius - k][0], (nuint)x));
                    var (bl, bh) = Vector256.Widen(Vector256.LoadUnsafe(ref rows[radius + k][0], (nuint)x));
                    low += (al + bl) * w;
                    high += (ah + bh) * w;
                }

                Vector256.Narrow(low >>> shift, high >>> shift).StoreUnsafe(ref MemoryMarshal.GetReference(result), (nuint)x);
            }
        }

        for (; x < result.Length; x++)
        {
            var sum = (uint)rows[radius][x] * kernel[0];
            for (var k = 1; k <= radius; k++)
                sum += ((uint)rows[radius - k][x] + rows[radius + k][x]) * kernel[k];
            result[x] = (ushort)(sum >> shift);
        }
    }
}
