using Microtome.Pathology;

namespace Microtome.Cohorts;

/// <summary>A number of a slide that is compared with the cohort's.</summary>
/// <param name="Name">Its name, as in quality.json.</param>
/// <param name="Words">How a sentence calls it.</param>
/// <param name="Value">The number; NaN where it is not known.</param>
/// <param name="Logarithmic">Compared as a factor (binary logarithm) rather than as a difference.</param>
/// <param name="Floor">The least spread that a cohort is given, so that slides that are all alike do not make a small difference an odd one; in the compared scale.</param>
/// <param name="Low">What a low number means; null: nothing.</param>
/// <param name="High">What a high number means; null: nothing.</param>
/// <param name="CanBeBad">Whether it alone can make a slide bad.</param>
internal sealed record QualityMeasure(string Name, string Words, Func<SlideQuality, double> Value, bool Logarithmic, double Floor, QualityCause? Low, QualityCause? High, bool CanBeBad)
{
    public const string Area = "area_median_um2";
    public const string Density = "per_mm2";
    public const string Neighbour = "neighbour_median_um";
    public const string Scale = "nuclear_scale_um";

    public static IReadOnlyList<QualityMeasure> All { get; } =
    [
        new("sharpness_median", "sharpness", static q => q.Focus?.SharpnessMedian ?? double.NaN, true, 0.08, QualityCause.Blur, null, true),
        new("sharpness_p05", "sharpness of the worst places", static q => q.Focus?.SharpnessP05 ?? double.NaN, true, 0.15, QualityCause.Blur, null, true),
        new("blurred_fraction", "share of squares out of focus", static q => q.Focus?.BlurredFraction ?? double.NaN, false, 0.03, null, QualityCause.Blur, true),
        new("haematoxylin_mean_od", "haematoxylin in the tissue (optical density)", static q => q.Stain?.HaematoxylinMeanOd ?? double.NaN, true, 0.2, QualityCause.PaleStain, QualityCause.DarkStain, false),
        new("eosin_mean_od", "eosin in the tissue (optical density)", static q => q.Stain?.EosinMeanOd ?? double.NaN, false, 0.03, QualityCause.UnusualStain, QualityCause.UnusualStain, false),
        new("saturation_mean", "saturation", static q => q.Stain?.SaturationMean ?? double.NaN, false, 0.03, QualityCause.PaleStain, QualityCause.UnusualStain, false),
        new("stain_angle_degrees", "angle between the stains (degrees)", static q => q.Stain?.StainAngleDegrees ?? double.NaN, false, 3, QualityCause.UnusualStain, QualityCause.UnusualStain, false),
        new("foreign_fraction", "share of foreign colours", static q => q.Stain?.ForeignFraction ?? double.NaN, false, 0.01, null, QualityCause.Pen, true),
        new("pen_per_tissue", "pen marks per tissue", static q => q.PenPerTissue, false, 0.02, null, QualityCause.Pen, true),
        new("fold_fraction", "share of folds", static q => q.FoldFraction, false, 0.03, null, QualityCause.Fold, false),
        new(Density, "nuclei per mm2", static q => Nuclei(q, static n => n.PerMm2), true, 0.2, QualityCause.UnderSegmentation, QualityCause.OverSegmentation, true),
        new(Area, "median nuclear area (um2)", static q => Nuclei(q, static n => n.AreaMedianUm2), true, 0.12, QualityCause.OverSegmentation, QualityCause.UnderSegmentation, true),
        new(Neighbour, "distance to the next nucleus (um)", static q => Nuclei(q, static n => Math.Pow(2, n.NeighbourLog2Um.Quantile(0.5))), true, 0.1, QualityCause.OverSegmentation, QualityCause.UnderSegmentation, false),
        // A length: the geometric mean of the side of a nucleus, the side of its share of the tissue, and the distance to the next one. For PixelSizeCheck alone.
        new(Scale, "scale of the nuclei (um)", static q => Nuclei(q, static n => Math.Cbrt(Math.Sqrt(n.AreaMedianUm2 * 1e6 / n.PerMm2) * Math.Pow(2, n.NeighbourLog2Um.Quantile(0.5)))), true, 0.1, null, null, false),
        new("solidity_median", "median solidity", static q => Nuclei(q, static n => n.Solidity.Quantile(0.5)), false, 0.008, QualityCause.UnderSegmentation, null, false),
        new("small_fraction", "share of objects below 8 um2", static q => Nuclei(q, static n => n.AreaLog2Um2.ShareBelow(3)), false, 0.03, null, QualityCause.OverSegmentation, true),
        new("probability_median", "median probability of the nuclei", static q => Nuclei(q, static n => n.Probability.Quantile(0.5)), false, 0.012, QualityCause.UnsureNetwork, null, true),
        new("nucleus_haematoxylin_od", "haematoxylin of the nuclei (optical density)", static q => Nuclei(q, static n => n.HaematoxylinMeanOd.Quantile(0.5)), true, 0.2, QualityCause.PaleStain, QualityCause.DarkStain, false),
        new("empty_square_fraction", "share of tissue squares without a nucleus", static q => q.Nuclei?.EmptySquareFraction ?? double.NaN, false, 0.05, null, QualityCause.UnderSegmentation, true),
        new("outside_fraction", "share of nuclei off the tissue", static q => Nuclei(q, static n => n.OutsideFraction), false, 0.02, null, QualityCause.UnusualNuclei, true),
    ];

    /// <summary>The number on the scale on which it is compared.</summary>
    public double Scaled(double value) => Logarithmic ? value > 0 ? Math.Log2(value) : double.NaN : value;

    // A slide without nuclei is a case of its own.
    private static double Nuclei(SlideQuality quality, Func<NucleusQuality, double> value) => quality.Nuclei is { Count: > 0 } nuclei ? value(nuclei) : double.NaN;
}
