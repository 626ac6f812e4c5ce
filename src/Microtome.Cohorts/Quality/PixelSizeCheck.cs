using Microtome.Pathology;

namespace Microtome.Cohorts;

/// <summary>
/// Recognises a wrong pixel size. Stated f times too large, it makes every area f x f times larger, the density f x f times smaller and every distance f times larger, and the
/// distribution of areas keeps its shape. Merged nuclei also raise the areas and lower the density, but widen the distribution.
/// </summary>
internal static class PixelSizeCheck
{
    private const double LeastShift = 0.7;
    private const double MostDisagreement = 0.6;
    private const double MostChangeOfShape = 0.45;

    /// <summary>The factor by which the stated pixel size seems to be too large (below 1: too small) with the ratios of area and density; null when nothing speaks for it.</summary>
    public static (double Factor, double AreaRatio, double DensityRatio)? Factor(SlideQuality quality, QualityReference reference, QualityLimits limits)
    {
        double area = Shift(QualityMeasure.Area, out _), density = Shift(QualityMeasure.Density, out _), distance = Shift(QualityMeasure.Neighbour, out _), scale = Shift(QualityMeasure.Scale, out double deviations);
        // The scale is a length: areas, densities and distances together vary less between tissues than each alone.
        if (!(Math.Abs(deviations) >= limits.UnusualDeviations) || Math.Abs(scale) < Math.Log2(limits.PixelSizeFactor) || Math.Abs(area) < LeastShift || Math.Abs(density) < LeastShift)
            return null;
        bool agree = area * density < 0 && area * distance > 0 && Math.Abs(area + density) <= MostDisagreement * Math.Max(Math.Abs(area), Math.Abs(density)) && Math.Abs(distance - scale) <= 0.5 * Math.Max(1, Math.Abs(scale));
        return agree && SameShape(quality, reference) ? (Math.Pow(2, scale), Math.Pow(2, area), Math.Pow(2, density)) : null;

        double Shift(string name, out double deviations)
        {
            int i = QualityMeasure.All.TakeWhile(m => m.Name != name).Count();
            double scaled = QualityMeasure.All[i].Scaled(QualityMeasure.All[i].Value(quality));
            deviations = reference.Deviations(i, scaled);
            return scaled - reference.Median(i);
        }
    }

    // The areas, moved so that their medians agree, lie close together.
    private static bool SameShape(SlideQuality quality, QualityReference reference)
    {
        if (QualityDistribution.All[0].Of(quality) is not { } own || reference.Pooled(0) is not { } pooled)
            return true;
        double shift = own[own.Length / 2] - pooled[pooled.Length / 2];
        return QualityDistribution.Distance([.. own.Select(v => v - shift)], pooled) <= MostChangeOfShape;
    }
}
