using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;

namespace Microtome.Decoding;

/// <summary>
/// y[i] = scale[i] * sum_k W[i, k] x[k]. Bound by memory: the rows are cut into four runs that are read side by side, each a straight line that the processor's own prefetcher follows, and lines are asked for two kilobytes ahead.
/// One row at a time reaches half of the bandwidth; four neighbouring rows confuse the prefetcher (several streams in one page) and reach four fifths.
/// </summary>
internal static unsafe class MatVec
{
    private const int Ahead = 2048;

    /// <summary>The specification: each output summed in double precision.</summary>
    public static void Reference(Matrix w, ReadOnlySpan<float> x, Span<float> y)
    {
        for (var i = 0; i < w.Rows; i++)
        {
            var sum = 0.0;
            for (var k = 0; k < w.Columns; k++)
                sum += (double)w[i, k] * x[k];
            y[i] = (float)sum;
        }
    }

    /// <summary>Rows from <paramref name="first"/> on; an output does not depend on which other rows are asked for.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Run<T, TElement>(Matrix w, float* x, float* y, int first, int count)
        where T : struct, ILanes<T>
        where TElement : struct, IElement
    {
        var columns = w.Columns;
        var stride = (nint)w.Stride;
        var scales = w.ScalesAt(first);
        var row = w.Row(first);
        var quarter = count / 4;
        var run = quarter * stride;
        for (var i = 0; i < quarter; i++, row += stride)
            Four<T, TElement>(row, run, x, columns, y + i, quarter);
        // The last rows one by one, in the same order of sums.
        row += 3 * run;
        var rest = stackalloc float[4];
        for (var i = 4 * quarter; i < count; i++, row += stride)
        {
            Four<T, TElement>(row, 0, x, columns, rest, 1);
            y[i] = rest[0];
        }

        if (scales != null)
        {
            for (var i = 0; i < count; i++)
                y[i] *= scales[i];
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Four<T, TElement>(byte* a, nint run, float* x, int columns, float* y, int apart)
        where T : struct, ILanes<T>
        where TElement : struct, IElement
    {
        T a0 = T.Zero, a1 = T.Zero, b0 = T.Zero, b1 = T.Zero, c0 = T.Zero, c1 = T.Zero, d0 = T.Zero, d1 = T.Zero;
        var b = a + run;
        var c = b + run;
        var d = c + run;
        var step = T.Count * TElement.Size;
        var k = 0;
        for (; k + (2 * T.Count) <= columns; k += 2 * T.Count)
        {
            // Once a line, where a step is half of one.
            if (Sse.IsSupported && (TElement.Size != 1 || T.Count != 16 || (k & 32) == 0))
            {
                Sse.Prefetch0(a + Ahead);
                Sse.Prefetch0(b + Ahead);
                Sse.Prefetch0(c + Ahead);
                Sse.Prefetch0(d + Ahead);
                if (TElement.Size == 4 && T.Count == 16)
                {
                    Sse.Prefetch0(a + Ahead + 64);
                    Sse.Prefetch0(b + Ahead + 64);
                    Sse.Prefetch0(c + Ahead + 64);
                    Sse.Prefetch0(d + Ahead + 64);
                }
            }

            var x0 = T.Load(x + k);
            var x1 = T.Load(x + k + T.Count);
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

        var s0 = T.Sum(T.Add(a0, a1));
        var s1 = T.Sum(T.Add(b0, b1));
        var s2 = T.Sum(T.Add(c0, c1));
        var s3 = T.Sum(T.Add(d0, d1));
        for (; k < columns; k++)
        {
            s0 += TElement.Scalar(a) * x[k];
            s1 += TElement.Scalar(b) * x[k];
            s2 += TElement.Scalar(c) * x[k];
            s3 += TElement.Scalar(d) * x[k];
            a += TElement.Size;
            b += TElement.Size;
            c += TElement.Size;
            d += TElement.Size;
        }

        y[0] = s0;
        y[apart] = s1;
        y[2 * apart] = s2;
        y[3 * apart] = s3;
    }
}
