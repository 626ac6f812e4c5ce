using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;

namespace Microtome.Decoding;

/// <summary>
/// The sparse half of the Spark feed-forward layer for many tokens: units outside, the tokens that use a unit inside, so that a record is read once for all of them. First every product with K2, then, column block
/// by column block, every sum with V; multiplications of inactive pairs are skipped.
/// </summary>
internal static unsafe class SparseTokens
{
    /// <summary>h[p] = a[p] (K2_j . q2_t) for the pairs (unit j, token t) from <c>starts[first]</c> on.</summary>
    /// <param name="data">The records.</param>
    /// <param name="stride">Bytes from a record to the next.</param>
    /// <param name="dot">Elements of the K2 part.</param>
    /// <param name="scales">Int8: two factors a unit, of K2 and of V; otherwise null.</param>
    /// <param name="starts">Where the pairs of a unit begin [units + 1].</param>
    /// <param name="tokens">The token of each pair.</param>
    /// <param name="h">Activations, which become the products.</param>
    /// <param name="first">The first unit.</param>
    /// <param name="count">Units.</param>
    /// <param name="q2">The value half of token 0.</param>
    /// <param name="qStride">Floats from a token to the next.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Products<T, TElement>(byte* data, nint stride, int dot, float* scales, int* starts, int* tokens, float* h, int first, int count, float* q2, int qStride)
        where T : struct, ILanes<T>
        where TElement : struct, IElement
    {
        var step = T.Count * TElement.Size;
        for (var unit = first; unit < first + count; unit++)
        {
            var scale = scales == null ? 1 : scales[2 * unit] * scales[(2 * unit) + 1];
            var end = starts[unit + 1];
            for (var p = starts[unit]; p < end; p += 4)
            {
                // A group that is not full works on its last token several times.
                var last = end - 1;
                var x0 = q2 + ((long)tokens[p] * qStride);
                var x1 = q2 + ((long)tokens[Math.Min(p + 1, last)] * qStride);
                var x2 = q2 + ((long)tokens[Math.Min(p + 2, last)] * qStride);
                var x3 = q2 + ((long)tokens[Math.Min(p + 3, last)] * qStride);
                var record = data + (unit * stride);
                T a0 = T.Zero, a1 = T.Zero, b0 = T.Zero, b1 = T.Zero, c0 = T.Zero, c1 = T.Zero, d0 = T.Zero, d1 = T.Zero;
                var k = 0;
                for (; k + (2 * T.Count) <= dot; k += 2 * T.Count)
                {
                    if (Sse.IsSupported)
                        Sse.Prefetch0(record + 2048);
                    var w0 = TElement.Load<T>(record);
                    var w1 = TElement.Load<T>(record + step);
                    a0 = T.MultiplyAdd(w0, T.Load(x0 + k), a0);
                    b0 = T.MultiplyAdd(w0, T.Load(x1 + k), b0);
                    c0 = T.MultiplyAdd(w0, T.Load(x2 + k), c0);
                    d0 = T.MultiplyAdd(w0, T.Load(x3 + k), d0);
                    a1 = T.MultiplyAdd(w1, T.Load(x0 + k + T.Count), a1);
                    b1 = T.MultiplyAdd(w1, T.Load(x1 + k + T.Count), b1);
                    c1 = T.MultiplyAdd(w1, T.Load(x2 + k + T.Count), c1);
                    d1 = T.MultiplyAdd(w1, T.Load(x3 + k + T.Count), d1);
                    record += 2 * step;
                }

                var s0 = T.Sum(T.Add(a0, a1));
                var s1 = T.Sum(T.Add(b0, b1));
                var s2 = T.Sum(T.Add(c0, c1));
                var s3 = T.Sum(T.Add(d0, d1));
                for (; k < dot; k++, record += TElement.Size)
                {
                    var w = TElement.Scalar(record);
                    s0 += w * x0[k];
                    s1 += w * x1[k];
                    s2 += w * x2[k];
                    s3 += w * x3[k];
                }

                h[p] *= s0 * scale;
                if (p + 1 < end)
                    h[p + 1] *= s1 * scale;
                if (p + 2 < end)
                    h[p + 2] *= s2 * scale;
                if (p + 3 < end)
                    h[p + 3] *= s3 * scale;
            }
        }
    }

    /// <summary>y_t[column..] += h V_j[column..] over all pairs, in the order of units.</summary>
    /// <param name="data">The V part of the first record.</param>
    /// <param name="stride">Bytes from a record to the next.</param>
    /// <param name="column">The first column.</param>
    /// <param name="width">Columns, at most 8 vectors and a rest.</param>
    /// <param name="units">Units there are.</param>
    /// <param name="starts">Where the pairs of a unit begin [units + 1].</param>
    /// <param name="tokens">The token of each pair.</param>
    /// <param name="h">The products.</param>
    /// <param name="y">The output of token 0.</param>
    /// <param name="yStride">Floats from a token to the next.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Sums<T, TElement>(byte* data, nint stride, int column, int width, int units, int* starts, int* tokens, float* h, float* y, int yStride)
        where T : struct, ILanes<T>
        where TElement : struct, IElement
    {
        var step = T.Count * TElement.Size;
        for (var unit = 0; unit < units; unit++)
        {
            var values = data + (unit * stride) + ((nint)column * TElement.Size);
            if (Sse.IsSupported)
            {
                for (var i = 0; i < width * TElement.Size; i += 64)
                    Sse.Prefetch0(values + (4 * stride) + i);
            }

            var k = 0;
            for (; k + (4 * T.Count) <= width; k += 4 * T.Count)
            {
                var at = values + ((nint)k * TElement.Size);
                var v0 = TElement.Load<T>(at);
                var v1 = TElement.Load<T>(at + step);
                var v2 = TElement.Load<T>(at + (2 * step));
                var v3 = TElement.Load<T>(at + (3 * step));
                for (var p = starts[unit]; p < starts[unit + 1]; p++)
                {
                    var to = y + ((long)tokens[p] * yStride) + column + k;
                    var f = T.All(h[p]);
                    T.Store(T.MultiplyAdd(v0, f, T.Load(to)), to);
                    T.Store(T.MultiplyAdd(v1, f, T.Load(to + T.Count)), to + T.Count);
                    T.Store(T.MultiplyAdd(v2, f, T.Load(to + (2 * T.Count))), to + (2 * T.Count));
                    T.Store(T.MultiplyAdd(v3, f, T.Load(to + (3 * T.Count))), to + (3 * T.Count));
                }
            }

            for (; k < width; k++)
            {
                var v = TElement.Scalar(values + ((nint)k * TElement.Size));
                for (var p = starts[unit]; p < starts[unit + 1]; p++)
                    y[((long)tokens[p] * yStride) + column + k] += h[p] * v;
            }
        }
    }
}
