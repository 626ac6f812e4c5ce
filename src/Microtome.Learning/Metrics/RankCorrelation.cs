namespace Microtome.Learning.Metrics;

/// <summary>How two measures go together.</summary>
public static class RankCorrelation
{
    /// <summary>Spearman's rho: Pearson's correlation of the ranks, ties sharing their mean rank. NaN when a measure is constant.</summary>
    /// <exception cref="ArgumentException">The lengths differ.</exception>
    public static double Spearman(IReadOnlyList<double> a, IReadOnlyList<double> b) => Pearson(Ranks(a), Ranks(b));

    /// <summary>Pearson's correlation; NaN when a measure is constant.</summary>
    /// <exception cref="ArgumentException">The lengths differ.</exception>
    public static double Pearson(IReadOnlyList<double> a, IReadOnlyList<double> b)
    {
        if (a.Count != b.Count)
            throw new ArgumentException($"{a.Count} and {b.Count} values.", nameof(b));
        if (a.Count == 0)
            return double.NaN;
        double meanA = a.Average(), meanB = b.Average(), ab = 0, aa = 0, bb = 0;
        for (var i = 0; i < a.Count; i++)
        {
            ab += (a[i] - meanA) * (b[i] - meanB);
            aa += (a[i] - meanA) * (a[i] - meanA);
            bb += (b[i] - meanB) * (b[i] - meanB);
        }

        return ab / Math.Sqrt(aa * bb);
    }

    /// <summary>Ranks from 1 on; equal values share their mean rank.</summary>
    public static double[] Ranks(IReadOnlyList<double> values)
    {
        var order = Enumerable.Range(0, values.Count).OrderBy(i => values[i]).ToArray();
        var ranks = new double[values.Count];
        for (var i = 0; i < order.Length;)
        {
            var end = i;
            while (end < order.Length && values[order[end]] == values[order[i]])
                end++;
            for (var rank = (i + 1 + end) / 2.0; i < end; i++)
                ranks[order[i]] = rank;
        }

        return ranks;
    }

    /// <summary>
    /// Two-step polyserial correlation of a number with an ordered score (til-thresholds, section 7.2; Olsson, Drasgow and Dorans 1982): r = rho sd(y) / sum phi(tau_k), with Pearson's rho, the
    /// population's sd of the scores, and tau_k the normal quantile of the share of scores up to k. With few levels it may leave -1..1. NaN when a measure is constant.
    /// </summary>
    /// <param name="values">The numbers.</param>
    /// <param name="scores">The scores, whole numbers.</param>
    public static double Polyserial(IReadOnlyList<double> values, IReadOnlyList<int> scores)
    {
        double[] numbers = [.. scores.Select(static s => (double)s)];
        var pearson = Pearson(values, numbers);
        double mean = numbers.Average(), deviation = Math.Sqrt(numbers.Average(y => (y - mean) * (y - mean))), densities = 0;
        foreach (var level in numbers.Distinct().Order().SkipLast(1))
        {
            var tau = NormalQuantile(numbers.Count(y => y <= level) / (double)numbers.Length);
            densities += Math.Exp(-tau * tau / 2) / Math.Sqrt(2 * Math.PI);
        }

        return pearson * deviation / densities;
    }

    /// <summary>The quantile of the standard normal distribution: Newton's method on the series of its distribution function, to the last few bits.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The share is not between 0 and 1.</exception>
    public static double NormalQuantile(double share)
    {
        if (share is not (> 0 and < 1))
            throw new ArgumentOutOfRangeException(nameof(share), share, "A quantile belongs to a share between 0 and 1.");
        if (share > 0.5)
            return -NormalQuantile(1 - share);
        // Rational start (Abramowitz and Stegun 26.2.23), error below 4.5e-4.
        var t = Math.Sqrt(-2 * Math.Log(share));
        var x = -(t - ((2.515517 + (t * (0.802853 + (t * 0.010328)))) / (1 + (t * (1.432788 + (t * (0.189269 + (t * 0.001308))))))));
        for (var i = 0; i < 4; i++)
        {
            var density = Math.Exp(-x * x / 2) / Math.Sqrt(2 * Math.PI);
            var off = (Lower(x) - share) / density;
            // Halley's step.
            x -= off / (1 + (x * off / 2));
        }

        return x;
    }

    // P(X < x) for x <= 0: a series near 0, a continued fraction in the tail (Abramowitz and Stegun 26.2.11 and 26.2.14).
    private static double Lower(double x)
    {
        var density = Math.Exp(-x * x / 2) / Math.Sqrt(2 * Math.PI);
        var z = -x;
        if (z < 3)
        {
            double term = z, sum = z;
            for (var k = 3; Math.Abs(term) > 1e-17 * sum && k < 200; k += 2)
                sum += term *= z * z / k;
            return 0.5 - (density * sum);
        }

        double fraction = 0;
        for (var k = 120; k >= 1; k--)
            fraction = k / (z + fraction);
        return density / (z + fraction);
    }
}
