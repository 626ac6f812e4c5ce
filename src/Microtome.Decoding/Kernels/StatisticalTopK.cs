using System.Runtime.CompilerServices;

namespace Microtome.Decoding;

/// <summary>
/// The threshold above which about k of D scores lie, without sorting: mean + standard deviation (of the population) * Qn(1 - k/D), in single precision and two passes (a large mean would cancel in one).
/// Spark Transformer, section 3.1.
/// </summary>
internal static unsafe class StatisticalTopK
{
    /// <summary>The specification: double precision.</summary>
    public static double Reference(ReadOnlySpan<float> scores, double quantile)
    {
        double mean = 0, squares = 0;
        foreach (var score in scores)
            mean += score;
        mean /= scores.Length;
        foreach (var score in scores)
            squares += (score - mean) * (score - mean);
        return mean + (Math.Sqrt(squares / scores.Length) * quantile);
    }

    /// <summary>The factor of the standard deviation, Qn(1 - k/D); minus infinity keeps everything (k at least D).</summary>
    public static float Factor(int k, int count) => k >= count ? float.NegativeInfinity : (float)NormalQuantile.At(1 - ((double)k / count));

    /// <summary>The threshold.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static float Threshold<T>(float* scores, int count, float factor)
        where T : struct, ILanes<T>
    {
        if (float.IsNegativeInfinity(factor))
            return factor;
        T s0 = T.Zero, s1 = T.Zero, s2 = T.Zero, s3 = T.Zero;
        var i = 0;
        for (; i + (4 * T.Count) <= count; i += 4 * T.Count)
        {
            s0 = T.Add(s0, T.Load(scores + i));
            s1 = T.Add(s1, T.Load(scores + i + T.Count));
            s2 = T.Add(s2, T.Load(scores + i + (2 * T.Count)));
            s3 = T.Add(s3, T.Load(scores + i + (3 * T.Count)));
        }

        var sum = T.Sum(T.Add(T.Add(s0, s1), T.Add(s2, s3)));
        for (var j = i; j < count; j++)
            sum += scores[j];
        var mean = sum / count;
        var m = T.All(mean);
        s0 = s1 = s2 = s3 = T.Zero;
        for (i = 0; i + (4 * T.Count) <= count; i += 4 * T.Count)
        {
            var d0 = T.Subtract(T.Load(scores + i), m);
            var d1 = T.Subtract(T.Load(scores + i + T.Count), m);
            var d2 = T.Subtract(T.Load(scores + i + (2 * T.Count)), m);
            var d3 = T.Subtract(T.Load(scores + i + (3 * T.Count)), m);
            s0 = T.MultiplyAdd(d0, d0, s0);
            s1 = T.MultiplyAdd(d1, d1, s1);
            s2 = T.MultiplyAdd(d2, d2, s2);
            s3 = T.MultiplyAdd(d3, d3, s3);
        }

        var squares = T.Sum(T.Add(T.Add(s0, s1), T.Add(s2, s3)));
        for (; i < count; i++)
            squares += (scores[i] - mean) * (scores[i] - mean);
        return mean + (MathF.Sqrt(squares / count) * factor);
    }
}
