using System.Buffers;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Microtome.Imaging;

/// <summary>
/// One direction of <see cref="AntialiasedResize"/> with the multiply-add of 16-bit pairs: two taps at once, each weight as 11 high and 11 low bits, whose sums
/// are put together at the end. The same whole numbers as <see cref="ResizePass"/>, three times as fast.
/// </summary>
internal static class PairedResizePass
{
    public static bool IsSupported => Avx2.IsSupported;

    /// <summary>Every row to another width, two rows at once: one in each half of a vector.</summary>
    public static void AlongRows(RgbImage source, TriangleTaps taps, byte[] target, int width)
    {
        int stride = source.Width * 3;

        // Eight bytes are read where one or two pixels are wanted, and four written, so there is room behind the rows.
        int room = Math.Max(stride, width * 3) + 16;
        byte[] buffer = ArrayPool<byte>.Shared.Rent(4 * room);
        try
        {
            ref byte upper = ref MemoryMarshal.GetArrayDataReference(buffer);
            ref byte lower = ref Unsafe.Add(ref upper, room);
            ref byte upperResult = ref Unsafe.Add(ref upper, 2 * room);
            ref byte lowerResult = ref Unsafe.Add(ref upper, 3 * room);
            ref int high = ref MemoryMarshal.GetArrayDataReference(taps.HighPairs);
            ref int low = ref MemoryMarshal.GetArrayDataReference(taps.LowPairs);

            // r0 r1 g0 g1 b0 b1 of the pixels r0 g0 b0 r1 g1 b1.
            var pairs = Vector128.Create((byte)0, 3, 1, 4, 2, 5, 6, 7, 8, 11, 9, 12, 10, 13, 14, 15);
            var half = Vector256.Create(TriangleTaps.Half);
            for (int y = 0; y < source.Height; y += 2)
            {
                int second = Math.Min(y + 1, source.Height - 1);
                source.Row(y).CopyTo(buffer);
                source.Row(second).CopyTo(buffer.AsSpan(room));
                for (int x = 0; x < width; x++)
                {
                    nint at = (nint)(uint)taps.First[x] * 3;
                    nint weight = (nint)(uint)x * taps.MostPairs;
                    int count = (taps.Count[x] + 1) / 2;
                    var (sumHigh, sumLow) = (Vector256<int>.Zero, half);
                    for (int t = 0; t < count; t++)
                    {
                        var pixels = Vector128.Create(Unsafe.ReadUnaligned<ulong>(ref Unsafe.Add(ref upper, at)), Unsafe.ReadUnaligned<ulong>(ref Unsafe.Add(ref lower, at))).AsByte();
                        var samples = Avx2.ConvertToVector256Int16(Vector128.Shuffle(pixels, pairs));
                        sumHigh += Avx2.MultiplyAddAdjacent(samples, Vector256.Create(Unsafe.Add(ref high, weight + t)).AsInt16());
                        sumLow += Avx2.MultiplyAddAdjacent(samples, Vector256.Create(Unsafe.Add(ref low, weight + t)).AsInt16());
                        at += 6;
                    }

                    var bytes = Narrow((sumHigh << TriangleTaps.LowBits) + sumLow);
                    Unsafe.WriteUnaligned(ref Unsafe.Add(ref upperResult, (nint)(uint)x * 3), bytes.GetElement(0));
                    Unsafe.WriteUnaligned(ref Unsafe.Add(ref lowerResult, (nint)(uint)x * 3), bytes.GetElement(4));
                }

                buffer.AsSpan(2 * room, width * 3).CopyTo(target.AsSpan(y * width * 3));
                buffer.AsSpan(3 * room, width * 3).CopyTo(target.AsSpan(second * width * 3));
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    /// <summary>Every column to another height: two rows of samples at a time, interleaved.</summary>
    public static void AlongColumns(byte[] source, TriangleTaps taps, RgbImage target)
    {
        int stride = target.Width * 3;
        if (stride < 16)
        {
            ResizePass.AlongColumns(source, taps, target);
            return;
        }

        var half = Vector256.Create(TriangleTaps.Half);
        for (int y = 0; y < target.Height; y++)
        {
            int count = taps.Count[y];
            ref byte first = ref source[taps.First[y] * stride];
            ref byte result = ref MemoryMarshal.GetReference(target.Row(y));
            for (int i = 0; i < stride; i += 16)
            {
                // The last step begins earlier and does some samples again.
                nint at = Math.Min(i, stride - 16);
                var (highA, highB, lowA, lowB) = (Vector256<int>.Zero, Vector256<int>.Zero, half, half);
                nint row = at;
                for (int t = 0; t < count; t += 2)
                {
                    var a = Vector128.LoadUnsafe(ref Unsafe.Add(ref first, row));
                    var b = t + 1 < count ? Vector128.LoadUnsafe(ref Unsafe.Add(ref first, row + stride)) : Vector128<byte>.Zero;
                    var samplesA = Avx2.ConvertToVector256Int16(Sse2.UnpackLow(a, b));
                    var samplesB = Avx2.ConvertToVector256Int16(Sse2.UnpackHigh(a, b));
                    int pair = (y * taps.MostPairs) + (t / 2);
                    var high = Vector256.Create(taps.HighPairs[pair]).AsInt16();
                    var low = Vector256.Create(taps.LowPairs[pair]).AsInt16();
                    highA += Avx2.MultiplyAddAdjacent(samplesA, high);
                    highB += Avx2.MultiplyAddAdjacent(samplesB, high);
                    lowA += Avx2.MultiplyAddAdjacent(samplesA, low);
                    lowB += Avx2.MultiplyAddAdjacent(samplesB, low);
                    row += 2 * stride;
                }

                var left = Narrow((highA << TriangleTaps.LowBits) + lowA);
                var right = Narrow((highB << TriangleTaps.LowBits) + lowB);
                Vector128.Create(left.GetElement(0), left.GetElement(4), right.GetElement(0), right.GetElement(4)).AsByte().StoreUnsafe(ref Unsafe.Add(ref result, at));
            }
        }
    }

    // Eight sums to eight bytes: the first four in element 0, the others in element 4, because packing works on halves.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<uint> Narrow(Vector256<int> sum)
    {
        var shifted = sum >> TriangleTaps.Bits;
        var words = Avx2.PackSignedSaturate(shifted, shifted);
        return Avx2.PackUnsignedSaturate(words, words).AsUInt32();
    }
}
