using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;

namespace Microtome.Decoding;

/// <summary>
/// The sparse half of the Spark feed-forward layer for one token. A record holds all that belongs to one hidden unit, its column of K2 (dot product with q2) and then its column of V (added to the output), so that an
/// active unit is one sequential read and an inactive one is never touched: y += sum_j a_j (K2_j . q2) V_j. Four records at a time, so that y is read and written once for four.
/// </summary>
internal static unsafe class SparseRecords
{
    private const int Ahead = 2048;

    /// <summary>The specification: double precision. Activations [units] belong to the indices.</summary>
    public static void Reference(float[,] records, int dot, ReadOnlySpan<int> indices, ReadOnlySpan<float> activations, ReadOnlySpan<float> q2, Span<double> y)
    {
        for (var i = 0; i < indices.Length; i++)
        {
            double sum = 0;
            for (var k = 0; k < dot; k++)
                sum += (double)records[indices[i], k] * q2[k];
            for (var k = dot; k < records.GetLength(1); k++)
                y[k - dot] += activations[i] * sum * records[indices[i], k];
        }
    }

    /// <summary>Adds the listed units to y.</summary>
    /// <param name="data">The records.</param>
    /// <param name="stride">Bytes from a record to the next.</param>
    /// <param name="dot">Elements of the K2 part.</param>
    /// <param name="width">Elements of the V part.</param>
    /// <param name="scales">Int8: two factors a unit, of K2 and of V; otherwise null.</param>
    /// <param name="units">Units to add.</param>
    /// <param name="activations">Their activations, after GELU.</param>
    /// <param name="count">How many there are.</param>
    /// <param name="q2">The value half of the input.</param>
    /// <param name="y">The output so far.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Run<T, TElement>(byte* data, nint stride, int dot, int width, float* scales, int* units, float* activations, int count, float* q2, float* y)
        where T : struct, ILanes<T>
        where TElement : struct, IElement
    {
        var i = 0;
        for (; i + 4 <= count; i += 4)
        {
            // The last four ask for themselves again, which costs nothing.
            var n = Math.Min(i + 4, count - 4);
            Four<T, TElement>(data, stride, dot, width, scales, units + i, units + n, activations + i, q2, y);
        }

        for (; i < count; i++)
            One<T, TElement>(data + (units[i] * stride), dot, width, scales, units[i], activations[i], q2, y);
    }

    private static void One<T, TElement>(byte* record, int dot, int width, float* scales, int unit, float activation, float* q2, float* y)
        where T : struct, ILanes<T>
        where TElement : struct, IElement
    {
        var sum = T.Zero;
        var k = 0;
        var step = T.Count * TElement.Size;
        for (; k + T.Count <= dot; k += T.Count, record += step)
            sum = T.MultiplyAdd(TElement.Load<T>(record), T.Load(q2 + k), sum);
        var s = T.Sum(sum);
        for (; k < dot; k++, record += TElement.Size)
            s += TElement.Scalar(record) * q2[k];
        var h = activation * s;
        if (scales != null)
            h *= scales[2 * unit] * scales[(2 * unit) + 1];
        var factor = T.All(h);
        for (k = 0; k + T.Count <= width; k += T.Count, record += step)
            T.Store(T.MultiplyAdd(TElement.Load<T>(record), factor, T.Load(y + k)), y + k);
        for (; k < width; k++, record += TElement.Size)
            y[k] += h * TElement.Scalar(record);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Four<T, TElement>(byte* data, nint stride, int dot, int width, float* scales, int* units, int* then, float* activations, float* q2, float* y)
        where T : struct, ILanes<T>
        where TElement : struct, IElement
    {
        var a = data + (units[0] * stride);
        var b = data + (units[1] * stride);
        var c = data + (units[2] * stride);
        var d = data + (units[3] * stride);
        // Where the next four begin, seen from the end of these.
        var skip = ((nint)dot + width) * TElement.Size;
        var nextA = data + (then[0] * stride) - a - skip;
        var nextB = data + (then[1] * stride) - b - skip;
        var nextC = data + (then[2] * stride) - c - skip;
        var nextD = data + (then[3] * stride) - d - skip;
        T a0 = T.Zero, a1 = T.Zero, b0 = T.Zero, b1 = T.Zero, c0 = T.Zero, c1 = T.Zero, d0 = T.Zero, d1 = T.Zero;
        var step = T.Count * TElement.Size;
        var k = 0;
        for (; k + (2 * T.Count) <= dot; k += 2 * T.Count)
        {
            // Once a line.
            if (Sse.IsSupported && ((k * TElement.Size) & 63) == 0)
            {
                Sse.Prefetch0(a + Ahead);
                Sse.Prefetch0(b + Ahead);
                Sse.Prefetch0(c + Ahead);
                Sse.Prefetch0(d + Ahead);
            }

            var x0 = T.Load(q2 + k);
            var x1 = T.Load(q2 + k + T.Count);
            a0 = T.MultiplyAdd(TElement.Load<T>(a), x0, a0);
            b0 = T.MultiplyAdd(TElement.Load<T>(b), x0, b0);
            c0 = T.MultiplyAdd(TElement.Load<T>(c), x0, c0);
            d0 = T.MultiplyAdd(TElement.Load<T>(d), x0, d0);
            a1 = T.MultiplyAdd(TElement.Load<T>(a + step), x1, a1);
            b1 = T.MultiplyAdd(TElement.Load<T>(b + step), x1, b1);
            c1 = T.MultiplyAdd(TElement.Load<T>(c + step), x1, c1);
            d1 = T.MultiplyAdd(TElement.Load<T>(d + step), x1, d1);
            a += 2 * step;
            b += 2 * step;
            c += 2 * step;
            d += 2 * step;
        }

        var h0 = T.Sum(T.Add(a0, a1));
        var h1 = T.Sum(T.Add(b0, b1));
        var h2 = T.Sum(T.Add(c0, c1));
        var h3 = T.Sum(T.Add(d0, d1));
        for (; k < dot; k++)
        {
            h0 += TElement.Scalar(a) * q2[k];
            h1 += TElement.Scalar(b) * q2[k];
            h2 += TElement.Scalar(c) * q2[k];
            h3 += TElement.Scalar(d) * q2[k];
            a += TElement.Size;
            b += TElement.Size;
            c += TElement.Size;
            d += TElement.Size;
        }

        h0 *= activations[0];
        h1 *= activations[1];
        h2 *= activations[2];
        h3 *= activations[3];
        if (scales != null)
        {
            h0 *= scales[2 * units[0]] * scales[(2 * units[0]) + 1];
            h1 *= scales[2 * units[1]] * scales[(2 * units[1]) + 1];
            h2 *= scales[2 * units[2]] * scales[(2 * units[2]) + 1];
            h3 *= scales[2 * units[3]] * scales[(2 * units[3]) + 1];
        }

        T f0 = T.All(h0), f1 = T.All(h1), f2 = T.All(h2), f3 = T.All(h3);
        var inside = width - (Ahead / TElement.Size);
        for (k = 0; k + T.Count <= width; k += T.Count)
        {
            if (Sse.IsSupported && ((k * TElement.Size) & 63) == 0)
            {
                var within = k < inside;
                Sse.Prefetch0(a + Ahead + (within ? 0 : nextA));
                Sse.Prefetch0(b + Ahead + (within ? 0 : nextB));
                Sse.Prefetch0(c + Ahead + (within ? 0 : nextC));
                Sse.Prefetch0(d + Ahead + (within ? 0 : nextD));
            }

            var sum = T.MultiplyAdd(TElement.Load<T>(a), f0, T.Load(y + k));
            sum = T.MultiplyAdd(TElement.Load<T>(b), f1, sum);
            sum = T.MultiplyAdd(TElement.Load<T>(c), f2, sum);
            T.Store(T.MultiplyAdd(TElement.Load<T>(d), f3, sum), y + k);
            a += step;
            b += step;
            c += step;
            d += step;
        }

        for (; k < width; k++)
        {
            y[k] += (h0 * TElement.Scalar(a)) + (h1 * TElement.Scalar(b)) + (h2 * TElement.Scalar(c)) + (h3 * TElement.Scalar(d));
            a += TElement.Size;
            b += TElement.Size;
            c += TElement.Size;
            d += TElement.Size;
        }
    }
}
