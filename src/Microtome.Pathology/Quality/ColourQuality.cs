using Microtome.Imaging;

namespace Microtome.Pathology;

/// <summary>The colours of sampled tissue pixels.</summary>
public static class ColourQuality
{
    /// <summary>A pixel whose optical density points farther than this from every mixture of haematoxylin and eosin is foreign, degrees.</summary>
    public const double ForeignDegrees = 35;

    /// <summary>
    /// Haematoxylin and eosin take more green light than red. A pixel whose optical density in red is larger than in green by more than this is foreign: blue or green ink, also where it
    /// lies thinly on tissue. Up to 0.4 % of the pixels of fields without ink are (37 patients of TCGA); thin ink on a quarter of a field makes 10 to 27 %.
    /// </summary>
    public const double RedOverGreen = 0.05;

    private const double StainedDensity = 0.1;

    /// <summary>Sums up pixels, shape [N, 3]; null when there are none.</summary>
    public static StainQuality? Of(ReadOnlySpan<byte> rgb)
    {
        int count = rgb.Length / 3;
        if (count == 0)
            return null;
        var vectors = StainVectors.HematoxylinEosin;
        var unmix = new ColorDeconvolution(vectors);
        Span<long> sums = stackalloc long[3];
        double haematoxylin = 0, eosin = 0, saturation = 0;
        long stained = 0, foreign = 0;
        for (int p = 0; p < rgb.Length; p += 3)
        {
            byte r = rgb[p], g = rgb[p + 1], b = rgb[p + 2];
            sums[0] += r;
            sums[1] += g;
            sums[2] += b;
            var (h, e) = unmix.Amounts(r, g, b);
            haematoxylin += h;
            eosin += e;
            int high = Math.Max(r, Math.Max(g, b)), low = Math.Min(r, Math.Min(g, b));
            saturation += high == 0 ? 0 : (double)(high - low) / high;
            double red = OpticalDensity.Of(r), green = OpticalDensity.Of(g), blue = OpticalDensity.Of(b), length = Math.Sqrt((red * red) + (green * green) + (blue * blue));
            if (length < StainedDensity)
                continue;
            stained++;
            if (red - green > RedOverGreen || PenRules.IsColouredInk(r, g, b) || DegreesFromStains(vectors, h, e, red, green, blue, length) > ForeignDegrees)
                foreign++;
        }

        var profile = StainEstimator.Estimate(StainMethod.Macenko, rgb);
        return new StainQuality
        {
            Pixels = count,
            HaematoxylinMeanOd = Round(haematoxylin / count),
            EosinMeanOd = Round(eosin / count),
            SaturationMean = Round(saturation / count),
            RedMean = Math.Round((double)sums[0] / count, 2),
            GreenMean = Math.Round((double)sums[1] / count, 2),
            BlueMean = Math.Round((double)sums[2] / count, 2),
            StainAngleDegrees = profile.IsIdentity ? null : Math.Round(new StainVectors(profile.Vectors[0], profile.Vectors[1]).AngleDegrees, 2),
            ForeignFraction = stained == 0 ? 0 : Round((double)foreign / stained),
        };
    }

    // The nearest direction among the mixtures with no negative part.
    private static double DegreesFromStains(StainVectors vectors, double h, double e, double red, double green, double blue, double length)
    {
        double cosine;
        if (h >= 0 && e >= 0)
        {
            double x = (h * vectors.First[0]) + (e * vectors.Second[0]), y = (h * vectors.First[1]) + (e * vectors.Second[1]), z = (h * vectors.First[2]) + (e * vectors.Second[2]);
            cosine = Math.Sqrt((x * x) + (y * y) + (z * z)) / length;
        }
        else
        {
            double first = (red * vectors.First[0]) + (green * vectors.First[1]) + (blue * vectors.First[2]);
            double second = (red * vectors.Second[0]) + (green * vectors.Second[1]) + (blue * vectors.Second[2]);
            cosine = Math.Max(first, second) / length;
        }

        return Math.Acos(Math.Clamp(cosine, -1, 1)) * 180 / Math.PI;
    }

    private static double Round(double value) => Math.Round(value, 5);
}
