namespace Microtome.Imaging;

/// <summary>
/// Sparse non-negative factorisation of optical density into two stains (Vahadane 2016, equation 4): minimise |V - W H|^2 / 2 + lambda |H|_1 over
/// non-negative W with unit columns and non-negative H. Both steps are solved exactly or by descent, from a fixed start, without chance.
/// </summary>
internal static class SparseFactorization
{
    /// <summary>Weight of the sparsity term, per pixel, optical density to base 10 (0.1 in natural logarithms).</summary>
    public const double Lambda = 0.1 / 2.302585092994046;

    private const int MostRounds = 300;

    /// <summary>The two stains, hematoxylin first; null when a column vanishes.</summary>
    /// <param name="density">Optical densities, shape [N, 3].</param>
    /// <param name="start">Where the search begins.</param>
    public static StainVectors? Estimate(double[] density, StainVectors start)
    {
        double[] w0 = [.. start.First.Select(c => Math.Max(c, 0.01))], w1 = [.. start.Second.Select(c => Math.Max(c, 0.01))];
        if (!Normalize(w0) || !Normalize(w1))
            return null;
        for (var round = 0; round < MostRounds; round++)
        {
            // Sums over pixels of H H^T and V H^T are all that the step in W needs.
            double a00 = 0, a01 = 0, a11 = 0;
            double[] b0 = new double[3], b1 = new double[3];
            var c = (w0[0] * w1[0]) + (w0[1] * w1[1]) + (w0[2] * w1[2]);
            for (var p = 0; p < density.Length; p += 3)
            {
                double x = density[p], y = density[p + 1], z = density[p + 2];
                var (h0, h1) = Amounts((x * w0[0]) + (y * w0[1]) + (z * w0[2]) - Lambda, (x * w1[0]) + (y * w1[1]) + (z * w1[2]) - Lambda, c);
                a00 += h0 * h0;
                a01 += h0 * h1;
                a11 += h1 * h1;
                b0[0] += x * h0;
                b0[1] += y * h0;
                b0[2] += z * h0;
                b1[0] += x * h1;
                b1[1] += y * h1;
                b1[2] += z * h1;
            }

            if (a00 < 1e-12 || a11 < 1e-12)
                return null;
            double change = 0;
            change += Step(w0, b0, a00, w1, a01);
            change += Step(w1, b1, a11, w0, a01);
            if (!double.IsFinite(change))
                return null;
            if (change < 1e-7)
                break;
        }

        return w0[0] > w1[0] ? new StainVectors(w0, w1) : new StainVectors(w1, w0);
    }

    /// <summary>The best non-negative amounts of one pixel for unit vectors with inner product c; p and q are the correlations less lambda.</summary>
    internal static (double First, double Second) Amounts(double p, double q, double c)
    {
        var d = 1 - (c * c);
        var (h0, h1) = d > 1e-12 ? ((p - (c * q)) / d, (q - (c * p)) / d) : (p, 0);
        if (h0 >= 0 && h1 >= 0)
            return (h0, h1);

        // One of them is zero: the better of the two one-stain solutions lowers the cost by half its square.
        double only0 = Math.Max(0, p), only1 = Math.Max(0, q);
        return only0 >= only1 ? (only0, 0) : (0, only1);
    }

    private static double Step(double[] w, double[] b, double own, double[] other, double cross)
    {
        double[] next = new double[3];
        for (var i = 0; i < 3; i++)
            next[i] = Math.Max(0, (b[i] - (other[i] * cross)) / own);
        if (!Normalize(next))
            return double.NaN;
        var change = Math.Abs(next[0] - w[0]) + Math.Abs(next[1] - w[1]) + Math.Abs(next[2] - w[2]);
        next.CopyTo(w, 0);
        return change;
    }

    private static bool Normalize(double[] w)
    {
        var length = Math.Sqrt((w[0] * w[0]) + (w[1] * w[1]) + (w[2] * w[2]));
        for (var i = 0; i < 3; i++)
            w[i] /= length;
        return double.IsFinite(length) && length > 1e-12;
    }
}
