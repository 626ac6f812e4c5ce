namespace Microtome.Decoding;

/// <summary>The quantile function of the standard normal distribution.</summary>
internal static class NormalQuantile
{
    /// <summary>Newton's method on the distribution function from a rough start; exact to about 1e-12.</summary>
    /// <param name="p">A probability between 0 and 1, both excluded.</param>
    public static double At(double p)
    {
        if (!(p > 0 && p < 1))
            throw new ArgumentOutOfRangeException(nameof(p), p, "A probability between 0 and 1, both excluded, is expected.");
        if (p < 0.5)
            return -At(1 - p);
        // The upper tail is what is solved for: 1 - p keeps its digits there. Start: Hastings' rational approximation (Abramowitz and Stegun 26.2.23).
        var tail = 1 - p;
        var t = Math.Sqrt(-2 * Math.Log(tail));
        var x = t - ((2.515517 + (t * (0.802853 + (t * 0.010328)))) / (1 + (t * (1.432788 + (t * (0.189269 + (t * 0.001308)))))));
        for (var i = 0; i < 4; i++)
            x += (Tail(x) - tail) / (Math.Exp(-x * x / 2) / Math.Sqrt(2 * Math.PI));
        return x;
    }

    // The upper tail by the series of the error function for small x and by its continued fraction beyond.
    private static double Tail(double x)
    {
        var density = Math.Exp(-x * x / 2) / Math.Sqrt(2 * Math.PI);
        if (x < 3)
        {
            double term = x, sum = x;
            for (var n = 1; n < 200 && Math.Abs(term) > 1e-18; n++)
                sum += term *= x * x / ((2 * n) + 1);
            return 0.5 - (density * sum);
        }

        var fraction = 0.0;
        for (var n = 80; n > 0; n--)
            fraction = n / (x + fraction);
        return density / (x + fraction);
    }
}
