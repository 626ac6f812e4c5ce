namespace Microtome.Imaging;

/// <summary>Estimates a <see cref="StainProfile"/> from sampled pixels. Never fails: what cannot be estimated becomes the identity with a reason.</summary>
public static class StainEstimator
{
    /// <summary>Each channel of a stained pixel is at least this dense: Macenko's beta of 0.15 in natural logarithms.</summary>
    public const double StainedDensity = 0.15 / 2.302585092994046;

    /// <summary>Fewer stained pixels than this give the identity.</summary>
    public const int FewestPixels = 100;

    /// <summary>When the colours of the pixels spread less than this many degrees, they hold one stain only.</summary>
    public const double NarrowestAngle = 6;

    // All channels at most this: ink, folds, the outside of a scan; not the colour of a stain.
    private const int Black = 12;
    private const int NmfPixels = 20_000;

    /// <summary>Estimates the profile.</summary>
    /// <param name="method">The method.</param>
    /// <param name="rgb">Pixels, shape [N, 3]: from tissue, but glass in between does no harm.</param>
    public static StainProfile Estimate(StainMethod method, ReadOnlySpan<byte> rgb)
    {
        if (rgb.Length % 3 != 0)
            throw new ArgumentException($"Pixels have three bytes each; {rgb.Length} bytes are not a whole number of them.", nameof(rgb));
        var pixels = Stained(rgb, out var black);
        var n = pixels.Length / 3;
        var total = rgb.Length / 3;
        if (n < FewestPixels)
        {
            var blackNote = black > 0 ? $", {black} are black" : string.Empty;
            return Identity(method, n, $"only {n} of {total} pixels are stained{blackNote}; at least {FewestPixels} are needed");
        }

        var density = new double[pixels.Length];
        for (var i = 0; i < density.Length; i++)
            density[i] = OpticalDensity.Of(pixels[i]);
        var extremes = MacenkoVectors(density);
        if (extremes is null || extremes.AngleDegrees < NarrowestAngle)
            return Identity(method, n, $"the colours of the pixels spread over {extremes?.AngleDegrees ?? 0:0.0} degrees only: one stain, or none");
        if (method == StainMethod.Reinhard)
            return Reinhard(pixels, n);

        StainVectors? vectors;
        switch (method)
        {
            case StainMethod.Ruifrok:
                vectors = StainVectors.HematoxylinEosin;
                break;
            case StainMethod.Macenko:
                vectors = extremes;
                break;
            default:
                vectors = SparseFactorization.Estimate(Thinned(density, NmfPixels), extremes);
                if (vectors is null || vectors.AngleDegrees < NarrowestAngle)
                    return Identity(method, n, "the factorisation found one stain only");
                break;
        }

        var amounts = MaxAmounts(density, vectors);
        if (amounts[0] < 0.02 || amounts[1] < 0.02)
        {
            var weak = amounts[0] < amounts[1] ? "first" : "second";
            return Identity(method, n, $"the {weak} stain is all but absent (99th percentile of its optical density {Math.Min(amounts[0], amounts[1]):0.000})");
        }

        return new StainProfile { Method = method, Vectors = [[.. vectors.First], [.. vectors.Second]], MaxAmounts = amounts, StainedPixels = n };
    }

    /// <summary>The value below which a share of the numbers lies, linearly interpolated between neighbours (numpy's default).</summary>
    internal static double Percentile(double[] sorted, double percent)
    {
        var at = percent / 100 * (sorted.Length - 1);
        var low = (int)Math.Floor(at);
        return low + 1 < sorted.Length ? sorted[low] + ((at - low) * (sorted[low + 1] - sorted[low])) : sorted[^1];
    }

    private static StainProfile Identity(StainMethod method, int n, string reason) => new() { Method = method, StainedPixels = n, Reason = reason };

    private static byte[] Stained(ReadOnlySpan<byte> rgb, out int black)
    {
        var kept = new List<byte>(rgb.Length);
        black = 0;
        for (var p = 0; p < rgb.Length; p += 3)
        {
            var (r, g, b) = (rgb[p], rgb[p + 1], rgb[p + 2]);
            if (Math.Max(r, Math.Max(g, b)) <= Black)
            {
                black++;
                continue;
            }

            if (OpticalDensity.Of(Math.Max(r, Math.Max(g, b))) <= StainedDensity)
                continue;
            kept.Add(r);
            kept.Add(g);
            kept.Add(b);
        }

        return [.. kept];
    }

    private static double[] Thinned(double[] density, int largest)
    {
        var n = density.Length / 3;
        if (n <= largest)
            return density;
        var thin = new double[largest * 3];
        for (var i = 0; i < largest; i++)
            Array.Copy(density, (long)i * n / largest * 3, thin, i * 3, 3);
        return thin;
    }

    /// <summary>Macenko section 2: the plane of the two largest eigenvectors of the covariance, then the 1st and 99th percentile of the angle in it.</summary>
    private static StainVectors? MacenkoVectors(double[] density)
    {
        var n = density.Length / 3;
        var mean = new double[3];
        for (var i = 0; i < density.Length; i++)
            mean[i % 3] += density[i] / n;
        var covariance = new double[3, 3];
        for (var p = 0; p < density.Length; p += 3)
        {
            for (var i = 0; i < 3; i++)
            {
                for (var j = i; j < 3; j++)
                    covariance[i, j] += (density[p + i] - mean[i]) * (density[p + j] - mean[j]);
            }
        }

        for (var i = 0; i < 3; i++)
        {
            for (var j = i; j < 3; j++)
                covariance[j, i] = covariance[i, j] /= Math.Max(1, n - 1);
        }

        var (_, eigen) = SymmetricEigen.Of(covariance);
        double[] u = Upwards(eigen[0]), v = Upwards(eigen[1]);
        var angles = new double[n];
        for (var i = 0; i < n; i++)
        {
            var p = i * 3;
            var x = (density[p] * u[0]) + (density[p + 1] * u[1]) + (density[p + 2] * u[2]);
            var y = (density[p] * v[0]) + (density[p + 1] * v[1]) + (density[p + 2] * v[2]);
            angles[i] = Math.Atan2(y, x);
        }

        Array.Sort(angles);
        var a = At(Percentile(angles, 1));
        var b = At(Percentile(angles, 99));
        if (a.Concat(b).Any(c => !double.IsFinite(c)) || Parallel(a, b))
            return null;

        // Hematoxylin takes more red than eosin or DAB does.
        return a[0] > b[0] ? new StainVectors(a, b) : new StainVectors(b, a);

        double[] At(double angle)
        {
            var (sin, cos) = Math.SinCos(angle);
            double[] w = [(u[0] * cos) + (v[0] * sin), (u[1] * cos) + (v[1] * sin), (u[2] * cos) + (v[2] * sin)];
            return w.Sum() < 0 ? Array.ConvertAll(w, c => -c) : w;
        }

        // The sign of an eigenvector is arbitrary: towards positive densities, so that no angle lies at the cut of atan2.
        static double[] Upwards(double[] w) => w.Sum() < 0 ? Array.ConvertAll(w, c => -c) : w;

        static bool Parallel(double[] a, double[] b) => Math.Abs((a[0] * b[0]) + (a[1] * b[1]) + (a[2] * b[2])) > 1 - 1e-9;
    }

    private static double[] MaxAmounts(double[] density, StainVectors vectors)
    {
        var rows = vectors.PlanarUnmixing();
        var n = density.Length / 3;
        var result = new double[2];
        var amounts = new double[n];
        for (var stain = 0; stain < 2; stain++)
        {
            var row = rows[stain];
            for (var i = 0; i < n; i++)
                amounts[i] = (row[0] * density[3 * i]) + (row[1] * density[(3 * i) + 1]) + (row[2] * density[(3 * i) + 2]);
            Array.Sort(amounts);
            result[stain] = Percentile(amounts, 99);
        }

        return result;
    }

    private static StainProfile Reinhard(byte[] pixels, int n)
    {
        double[] sums = new double[3], squares = new double[3];
        for (var p = 0; p < pixels.Length; p += 3)
        {
            var (l, alpha, beta) = Ruderman.FromRgb(pixels[p], pixels[p + 1], pixels[p + 2]);
            Add(0, l);
            Add(1, alpha);
            Add(2, beta);
        }

        var means = Array.ConvertAll(sums, s => s / n);
        var deviations = new double[3];
        for (var i = 0; i < 3; i++)
            deviations[i] = Math.Sqrt(Math.Max(0, (squares[i] / n) - (means[i] * means[i])));
        return deviations.Min() < 1e-4
            ? Identity(StainMethod.Reinhard, n, "a colour channel is constant")
            : new StainProfile { Method = StainMethod.Reinhard, LabMeans = means, LabDeviations = deviations, StainedPixels = n };

        void Add(int i, double value)
        {
            sums[i] += value;
            squares[i] += value * value;
        }
    }
}
