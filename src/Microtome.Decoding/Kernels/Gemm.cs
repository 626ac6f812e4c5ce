using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Microtome.Decoding;

/// <summary>
/// y[t, i] = sum_k W[i, k] x[t, k] for many tokens. A panel of three vectors of rows and 192 columns is widened and transposed into the first-level cache and meets all tokens there,
/// four at a time. Sums run over columns in blocks of 192, whatever the number of tokens.
/// </summary>
internal static unsafe class Gemm
{
    /// <summary>Columns of a panel: with 48 rows it takes 36 KB.</summary>
    public const int Depth = 192;

    /// <summary>Tokens at a time.</summary>
    public const int Group = 4;

    /// <summary>The specification: each output summed in double precision.</summary>
    public static void Reference(Matrix w, ReadOnlySpan<float> x, int tokens, Span<float> y)
    {
        for (var t = 0; t < tokens; t++)
            MatVec.Reference(w, x.Slice(t * w.Columns, w.Columns), y.Slice(t * w.Rows, w.Rows));
    }

    /// <summary>Rows of a panel.</summary>
    public static int PanelRows<T>()
        where T : struct, ILanes<T> => 3 * T.Count;

    /// <summary>Rows from <paramref name="first"/> on, of all tokens. Writes y[t * yStride + i] for row i.</summary>
    [SkipLocalsInit]
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Run<T, TElement>(Matrix w, float* x, int xStride, int tokens, float* y, int yStride, int first, int count)
        where T : struct, ILanes<T>
        where TElement : struct, IElement
    {
        var panel = 3 * T.Count;
        var edge = stackalloc float[Group * panel];
        // On the stack of the worker, at the start of a cache line.
        var room = stackalloc float[(Depth * panel) + 16];
        var scratch = (float*)(((nint)room + 63) & ~(nint)63);
        for (var row = first; row < first + count; row += panel)
        {
            var rows = Math.Min(panel, first + count - row);
            for (var k = 0; k < w.Columns; k += Depth)
            {
                var depth = Math.Min(Depth, w.Columns - k);
                Pack<TElement>(w, row, rows, k, depth, panel, scratch);
                var t = 0;
                if (rows == panel)
                {
                    for (; t + Group <= tokens; t += Group)
                        Tile<T>(scratch, depth, x + ((long)t * xStride) + k, xStride, y + ((long)t * yStride) + row, yStride, k > 0);
                }

                // Tokens and rows that do not fill a tile go through a small one of their own, in the same order of sums.
                for (; t < tokens; t += Group)
                {
                    var some = Math.Min(Group, tokens - t);
                    for (var i = 0; i < some && k > 0; i++)
                    {
                        for (var j = 0; j < rows; j++)
                            edge[(i * panel) + j] = y[((long)(t + i) * yStride) + row + j];
                    }

                    Edge<T>(scratch, depth, x + ((long)t * xStride) + k, xStride, edge, panel, k > 0, some);
                    for (var i = 0; i < some; i++)
                    {
                        for (var j = 0; j < rows; j++)
                            y[((long)(t + i) * yStride) + row + j] = edge[(i * panel) + j];
                    }
                }
            }
        }
    }

    private static void Edge<T>(float* panel, int depth, float* x, int xStride, float* y, int yStride, bool add, int tokens)
        where T : struct, ILanes<T>
    {
        for (var t = 0; t < tokens; t++)
        {
            for (var v = 0; v < 3; v++)
            {
                var sum = add ? T.Load(y + (t * yStride) + (v * T.Count)) : T.Zero;
                var p = panel + (v * T.Count);
                for (var k = 0; k < depth; k++, p += 3 * T.Count)
                    sum = T.MultiplyAdd(T.Load(p), T.All(x[(t * xStride) + k]), sum);
                T.Store(sum, y + (t * yStride) + (v * T.Count));
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Tile<T>(float* panel, int depth, float* x, int xStride, float* y, int yStride, bool add)
        where T : struct, ILanes<T>
    {
        var x0 = x;
        var x1 = x0 + xStride;
        var x2 = x1 + xStride;
        var x3 = x2 + xStride;
        var y0 = y;
        var y1 = y0 + yStride;
        var y2 = y1 + yStride;
        var y3 = y2 + yStride;
        T a0 = T.Zero, a1 = T.Zero, a2 = T.Zero, b0 = T.Zero, b1 = T.Zero, b2 = T.Zero, c0 = T.Zero, c1 = T.Zero, c2 = T.Zero, d0 = T.Zero, d1 = T.Zero, d2 = T.Zero;
        if (add)
        {
            a0 = T.Load(y0);
            a1 = T.Load(y0 + T.Count);
            a2 = T.Load(y0 + (2 * T.Count));
            b0 = T.Load(y1);
            b1 = T.Load(y1 + T.Count);
            b2 = T.Load(y1 + (2 * T.Count));
            c0 = T.Load(y2);
            c1 = T.Load(y2 + T.Count);
            c2 = T.Load(y2 + (2 * T.Count));
            d0 = T.Load(y3);
            d1 = T.Load(y3 + T.Count);
            d2 = T.Load(y3 + (2 * T.Count));
        }

        var p = panel;
        for (var k = 0; k < depth; k++, p += 3 * T.Count)
        {
            var w0 = T.Load(p);
            var w1 = T.Load(p + T.Count);
            var w2 = T.Load(p + (2 * T.Count));
            var v = T.All(x0[k]);
            a0 = T.MultiplyAdd(w0, v, a0);
            a1 = T.MultiplyAdd(w1, v, a1);
            a2 = T.MultiplyAdd(w2, v, a2);
            v = T.All(x1[k]);
            b0 = T.MultiplyAdd(w0, v, b0);
            b1 = T.MultiplyAdd(w1, v, b1);
            b2 = T.MultiplyAdd(w2, v, b2);
            v = T.All(x2[k]);
            c0 = T.MultiplyAdd(w0, v, c0);
            c1 = T.MultiplyAdd(w1, v, c1);
            c2 = T.MultiplyAdd(w2, v, c2);
            v = T.All(x3[k]);
            d0 = T.MultiplyAdd(w0, v, d0);
            d1 = T.MultiplyAdd(w1, v, d1);
            d2 = T.MultiplyAdd(w2, v, d2);
        }

        T.Store(a0, y0);
        T.Store(a1, y0 + T.Count);
        T.Store(a2, y0 + (2 * T.Count));
        T.Store(b0, y1);
        T.Store(b1, y1 + T.Count);
        T.Store(b2, y1 + (2 * T.Count));
        T.Store(c0, y2);
        T.Store(c1, y2 + T.Count);
        T.Store(c2, y2 + (2 * T.Count));
        T.Store(d0, y3);
        T.Store(d1, y3 + T.Count);
        T.Store(d2, y3 + (2 * T.Count));
    }

    // Column after column, all rows of the panel; rows that are missing are zeros.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Pack<TElement>(Matrix w, int row, int rows, int column, int depth, int panel, float* target)
        where TElement : struct, IElement
    {
        if (rows < panel)
            new Span<float>(target, depth * panel).Clear();
        var r = 0;
        if (Sse.IsSupported)
        {
            for (; r + 4 <= rows; r += 4)
            {
                var a = w.Row(row + r) + ((long)column * TElement.Size);
                var b = a + w.Stride;
                var c = b + w.Stride;
                var d = c + w.Stride;
                Vector128<float> sa = Vector128<float>.One, sb = sa, sc = sa, sd = sa;
                if (w.Scales != 0)
                {
                    var scales = w.ScalesAt(row + r);
                    sa = Vector128.Create(scales[0]);
                    sb = Vector128.Create(scales[1]);
                    sc = Vector128.Create(scales[2]);
                    sd = Vector128.Create(scales[3]);
                }

                var k = 0;
                for (; k + 4 <= depth; k += 4)
                {
                    var v0 = TElement.Load<Lanes128>(a).Value * sa;
                    var v1 = TElement.Load<Lanes128>(b).Value * sb;
                    var v2 = TElement.Load<Lanes128>(c).Value * sc;
                    var v3 = TElement.Load<Lanes128>(d).Value * sd;
                    var low01 = Sse.UnpackLow(v0, v1);
                    var low23 = Sse.UnpackLow(v2, v3);
                    var high01 = Sse.UnpackHigh(v0, v1);
                    var high23 = Sse.UnpackHigh(v2, v3);
                    var to = target + ((long)k * panel) + r;
                    Sse.MoveLowToHigh(low01, low23).Store(to);
                    Sse.MoveHighToLow(low23, low01).Store(to + panel);
                    Sse.MoveLowToHigh(high01, high23).Store(to + (2 * panel));
                    Sse.MoveHighToLow(high23, high01).Store(to + (3 * panel));
                    a += 4 * TElement.Size;
                    b += 4 * TElement.Size;
                    c += 4 * TElement.Size;
                    d += 4 * TElement.Size;
                }

                for (; k < depth; k++)
                {
                    var to = target + ((long)k * panel) + r;
                    to[0] = TElement.Scalar(a) * sa[0];
                    to[1] = TElement.Scalar(b) * sb[0];
                    to[2] = TElement.Scalar(c) * sc[0];
                    to[3] = TElement.Scalar(d) * sd[0];
                    a += TElement.Size;
                    b += TElement.Size;
                    c += TElement.Size;
                    d += TElement.Size;
                }
            }
        }

        for (; r < rows; r++)
        {
            var a = w.Row(row + r) + ((long)column * TElement.Size);
            var scale = w.Scales != 0 ? *w.ScalesAt(row + r) : 1;
            for (var k = 0; k < depth; k++, a += TElement.Size)
                target[((long)k * panel) + r] = TElement.Scalar(a) * scale;
        }
    }
}
