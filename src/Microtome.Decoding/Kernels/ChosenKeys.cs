using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;

namespace Microtome.Decoding;

/// <summary>
/// The sparse half of Spark attention: y = sum_i w_i softplus(scale q . K2_i) V_i over chosen keys. K2_i and V_i lie in one record. Four keys at a time: first all products, asking for the records of the next four as a whole,
/// then the factors, then all sums.
/// </summary>
internal static unsafe class ChosenKeys
{
    /// <summary>The specification: double precision.</summary>
    public static double[] Reference(float[,] records, int rest, ReadOnlySpan<int> chosen, ReadOnlySpan<float> w, ReadOnlySpan<float> q, double scale)
    {
        var y = new double[records.GetLength(1) - rest];
        for (var i = 0; i < chosen.Length; i++)
        {
            double p = 0;
            for (var k = 0; k < rest; k++)
                p += (double)q[k] * records[chosen[i], k];
            var factor = w[i] * Math.Log(1 + Math.Exp(scale * p));
            for (var k = 0; k < y.Length; k++)
                y[k] += factor * records[chosen[i], rest + k];
        }

        return y;
    }

    /// <summary>Computes y.</summary>
    /// <param name="records">Records of all keys.</param>
    /// <param name="stride">Floats of a record.</param>
    /// <param name="chosen">Keys.</param>
    /// <param name="w">Their weights; become the factors of the values.</param>
    /// <param name="count">How many.</param>
    /// <param name="q">The second part of the query.</param>
    /// <param name="rest">Its width; the rest of a record is the value.</param>
    /// <param name="scale">Of the products.</param>
    /// <param name="products">Scratch memory [count].</param>
    /// <param name="y">The output.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Run<T>(float* records, int stride, int* chosen, float* w, int count, float* q, int rest, float scale, float* products, float* y)
        where T : struct, ILanes<T>
    {
        var width = stride - rest;
        var i = 0;
        for (; i + 4 <= count; i += 4)
        {
            var next = Math.Min(i + 4, count - 4);
            Products<T>(records, stride, chosen + i, chosen + next, q, rest, products + i);
        }

        for (; i < count; i++)
            products[i] = Vectors.Dot<T>(q, records + ((long)chosen[i] * stride), rest);
        Factors<T>(w, products, count, scale);
        new Span<float>(y, width).Clear();
        for (i = 0; i + 4 <= count; i += 4)
        {
            var a = records + ((long)chosen[i] * stride) + rest;
            var b = records + ((long)chosen[i + 1] * stride) + rest;
            var c = records + ((long)chosen[i + 2] * stride) + rest;
            var d = records + ((long)chosen[i + 3] * stride) + rest;
            T wa = T.All(w[i]), wb = T.All(w[i + 1]), wc = T.All(w[i + 2]), wd = T.All(w[i + 3]);
            var k = 0;
            for (; k + T.Count <= width; k += T.Count)
            {
                var sum = T.MultiplyAdd(T.Load(a + k), wa, T.Load(y + k));
                sum = T.MultiplyAdd(T.Load(b + k), wb, sum);
                sum = T.MultiplyAdd(T.Load(c + k), wc, sum);
                T.Store(T.MultiplyAdd(T.Load(d + k), wd, sum), y + k);
            }

            for (; k < width; k++)
                y[k] += (w[i] * a[k]) + (w[i + 1] * b[k]) + (w[i + 2] * c[k]) + (w[i + 3] * d[k]);
        }

        for (; i < count; i++)
            Vectors.AddScaled<T>(y, records + ((long)chosen[i] * stride) + rest, w[i], width);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Products<T>(float* records, int stride, int* chosen, int* then, float* q, int rest, float* products)
        where T : struct, ILanes<T>
    {
        var a = records + ((long)chosen[0] * stride);
        var b = records + ((long)chosen[1] * stride);
        var c = records + ((long)chosen[2] * stride);
        var d = records + ((long)chosen[3] * stride);
        if (Sse.IsSupported)
        {
            for (var j = 0; j < 4; j++)
            {
                var record = (byte*)(records + ((long)then[j] * stride));
                for (var line = 0; line < stride * sizeof(float); line += 64)
                    Sse.Prefetch0(record + line);
            }
        }

        T s0 = T.Zero, s1 = T.Zero, s2 = T.Zero, s3 = T.Zero;
        var k = 0;
        for (; k + T.Count <= rest; k += T.Count)
        {
            var x = T.Load(q + k);
            s0 = T.MultiplyAdd(T.Load(a + k), x, s0);
            s1 = T.MultiplyAdd(T.Load(b + k), x, s1);
            s2 = T.MultiplyAdd(T.Load(c + k), x, s2);
            s3 = T.MultiplyAdd(T.Load(d + k), x, s3);
        }

        products[0] = T.Sum(s0);
        products[1] = T.Sum(s1);
        products[2] = T.Sum(s2);
        products[3] = T.Sum(s3);
        for (; k < rest; k++)
        {
            products[0] += q[k] * a[k];
            products[1] += q[k] * b[k];
            products[2] += q[k] * c[k];
            products[3] += q[k] * d[k];
        }
    }

    // w = w log(1 + exp(scale p)), without overflow.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Factors<T>(float* w, float* products, int count, float scale)
        where T : struct, ILanes<T>
    {
        var one = T.All(1);
        var i = 0;
        for (; i + T.Count <= count; i += T.Count)
        {
            var p = T.Multiply(T.Load(products + i), T.All(scale));
            var small = T.Min(p, T.Subtract(T.Zero, p));
            var soft = T.Add(T.Max(p, T.Zero), T.Log(T.Add(one, T.Exp(small))));
            T.Store(T.Multiply(T.Load(w + i), soft), w + i);
        }

        for (; i < count; i++)
        {
            var p = scale * products[i];
            w[i] *= MathF.Max(p, 0) + MathF.Log(1 + MathF.Exp(-MathF.Abs(p)));
        }
    }
}
