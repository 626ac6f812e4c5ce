using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;

namespace Microtome.Decoding;

/// <summary>What happens to vectors of a token between the matrices: norms, rotation, softmax, caps, sums.</summary>
internal static unsafe class Vectors
{
    /// <summary>y = x / sqrt(mean(x^2) + epsilon) * weight (the weight already holds Gemma's 1 +).</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void RmsNorm<T>(float* x, float* weight, float* y, int count, float epsilon)
        where T : struct, ILanes<T>
    {
        T s0 = T.Zero, s1 = T.Zero;
        var i = 0;
        for (; i + (2 * T.Count) <= count; i += 2 * T.Count)
        {
            var a = T.Load(x + i);
            var b = T.Load(x + i + T.Count);
            s0 = T.MultiplyAdd(a, a, s0);
            s1 = T.MultiplyAdd(b, b, s1);
        }

        var sum = T.Sum(T.Add(s0, s1));
        for (; i < count; i++)
            sum += x[i] * x[i];
        var factor = 1 / MathF.Sqrt((sum / count) + epsilon);
        var f = T.All(factor);
        for (i = 0; i + T.Count <= count; i += T.Count)
            T.Store(T.Multiply(T.Multiply(T.Load(x + i), f), T.Load(weight + i)), y + i);
        for (; i < count; i++)
            y[i] = x[i] * factor * weight[i];
    }

    /// <summary>y += x.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Add<T>(float* y, float* x, int count)
        where T : struct, ILanes<T>
    {
        var i = 0;
        for (; i + T.Count <= count; i += T.Count)
            T.Store(T.Add(T.Load(y + i), T.Load(x + i)), y + i);
        for (; i < count; i++)
            y[i] += x[i];
    }

    /// <summary>y += factor * x.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void AddScaled<T>(float* y, float* x, float factor, int count)
        where T : struct, ILanes<T>
    {
        var f = T.All(factor);
        var i = 0;
        for (; i + T.Count <= count; i += T.Count)
            T.Store(T.MultiplyAdd(T.Load(x + i), f, T.Load(y + i)), y + i);
        for (; i < count; i++)
            y[i] += factor * x[i];
    }

    /// <summary>y = sum_i w[i] rows[i], four rows at a time.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void WeightedRows<T>(float* rows, int width, float* w, int count, float* y)
        where T : struct, ILanes<T>
    {
        new Span<float>(y, width).Clear();
        var i = 0;
        for (; i + 4 <= count; i += 4)
        {
            var a = rows + ((long)i * width);
            var b = a + width;
            var c = b + width;
            var d = c + width;
            T wa = T.All(w[i]), wb = T.All(w[i + 1]), wc = T.All(w[i + 2]), wd = T.All(w[i + 3]);
            var k = 0;
            for (; k + T.Count <= width; k += T.Count)
            {
                // The next four rows.
                if (Sse.IsSupported)
                {
                    Sse.Prefetch0(a + k + (4 * width));
                    Sse.Prefetch0(b + k + (4 * width));
                    Sse.Prefetch0(c + k + (4 * width));
                    Sse.Prefetch0(d + k + (4 * width));
                }

                var sum = T.MultiplyAdd(T.Load(a + k), wa, T.Load(y + k));
                sum = T.MultiplyAdd(T.Load(b + k), wb, sum);
                sum = T.MultiplyAdd(T.Load(c + k), wc, sum);
                T.Store(T.MultiplyAdd(T.Load(d + k), wd, sum), y + k);
            }

            for (; k < width; k++)
                y[k] += (w[i] * a[k]) + (w[i + 1] * b[k]) + (w[i + 2] * c[k]) + (w[i + 3] * d[k]);
        }

        for (; i < count; i++)
            AddScaled<T>(y, rows + ((long)i * width), w[i], width);
    }

    /// <summary>x[i] += factor * bounds[i], and returns the largest x[i] - factor * bounds[i] of before: upper bounds, and the best lower bound.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static float Bound<T>(float* x, float* bounds, float factor, int count)
        where T : struct, ILanes<T>
    {
        var f = T.All(factor);
        var best = T.All(float.NegativeInfinity);
        var i = 0;
        for (; i + T.Count <= count; i += T.Count)
        {
            var e = T.Multiply(T.Load(bounds + i), f);
            var v = T.Load(x + i);
            best = T.Max(best, T.Subtract(v, e));
            T.Store(T.Add(v, e), x + i);
        }

        var value = T.Largest(best);
        for (; i < count; i++)
        {
            value = MathF.Max(value, x[i] - (factor * bounds[i]));
            x[i] += factor * bounds[i];
        }

        return value;
    }

    /// <summary>sum_k a[k] b[k].</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Dot<T>(float* a, float* b, int count)
        where T : struct, ILanes<T>
    {
        T s0 = T.Zero, s1 = T.Zero, s2 = T.Zero, s3 = T.Zero;
        var i = 0;
        for (; i + (4 * T.Count) <= count; i += 4 * T.Count)
        {
            s0 = T.MultiplyAdd(T.Load(a + i), T.Load(b + i), s0);
            s1 = T.MultiplyAdd(T.Load(a + i + T.Count), T.Load(b + i + T.Count), s1);
            s2 = T.MultiplyAdd(T.Load(a + i + (2 * T.Count)), T.Load(b + i + (2 * T.Count)), s2);
            s3 = T.MultiplyAdd(T.Load(a + i + (3 * T.Count)), T.Load(b + i + (3 * T.Count)), s3);
        }

        for (; i + T.Count <= count; i += T.Count)
            s0 = T.MultiplyAdd(T.Load(a + i), T.Load(b + i), s0);
        var sum = T.Sum(T.Add(T.Add(s0, s1), T.Add(s2, s3)));
        for (; i < count; i++)
            sum += a[i] * b[i];
        return sum;
    }

    /// <summary>x = cap * tanh(x / cap).</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void SoftCap<T>(float* x, int count, float cap)
        where T : struct, ILanes<T>
    {
        var up = T.All(2 / cap);
        var one = T.All(1);
        var two = T.All(2);
        var i = 0;
        for (; i + T.Count <= count; i += T.Count)
        {
            // tanh(u) = 1 - 2/(exp(2u) + 1); near 0 the series keeps the digits that this loses.
            var v = T.Load(x + i);
            var u2 = T.Max(T.Min(T.Multiply(v, up), T.All(80)), T.All(-80));
            T.Store(T.Multiply(T.All(cap), T.Subtract(one, T.Divide(two, T.Add(T.Exp(u2), one)))), x + i);
        }

        for (; i < count; i++)
            x[i] = cap * MathF.Tanh(x[i] / cap);
    }

    /// <summary>x = exp(x - max) and returns the sum; minus infinity becomes 0.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static float ExpSum<T>(float* x, int count)
        where T : struct, ILanes<T>
    {
        var largest = Largest<T>(x, count);
        var m = T.All(largest);
        var sums = T.Zero;
        var i = 0;
        for (; i + T.Count <= count; i += T.Count)
        {
            var e = T.Exp(T.Subtract(T.Load(x + i), m));
            T.Store(e, x + i);
            sums = T.Add(sums, e);
        }

        var sum = T.Sum(sums);
        for (; i < count; i++)
        {
            x[i] = MathF.Exp(x[i] - largest);
            sum += x[i];
        }

        return sum;
    }

    /// <summary>The largest of count values (at least one).</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Largest<T>(float* x, int count)
        where T : struct, ILanes<T>
    {
        var largest = T.All(float.NegativeInfinity);
        var i = 0;
        for (; i + T.Count <= count; i += T.Count)
            largest = T.Max(largest, T.Load(x + i));
        var value = T.Largest(largest);
        for (; i < count; i++)
            value = MathF.Max(value, x[i]);
        return value;
    }

    /// <summary>Rotates pairs (i, i + width/2) by the angles of a position: cosines then sines, width/2 each.</summary>
    public static void Rotate(float* x, float* angles, int width)
    {
        var half = width / 2;
        for (var i = 0; i < half; i++)
        {
            float a = x[i], b = x[i + half], cos = angles[i], sin = angles[half + i];
            x[i] = (a * cos) - (b * sin);
            x[i + half] = (b * cos) + (a * sin);
        }
    }
}
