using Microtome.Pathology;

namespace Microtome.Cohorts;

/// <summary>A distribution over the nuclei of a slide that is compared with the cohort's by the Wasserstein distance.</summary>
/// <param name="Name">Its name, as in quality.json.</param>
/// <param name="Words">How a sentence calls it.</param>
/// <param name="Histogram">The distribution.</param>
/// <param name="Floor">The least spread of the distances, in the histogram's unit.</param>
internal sealed record QualityDistribution(string Name, string Words, Func<NucleusQuality, QualityHistogram> Histogram, double Floor)
{
    /// <summary>Quantiles that stand for a distribution.</summary>
    public const int Quantiles = 64;

    // Fewer values say little about a shape.
    private const int FewestValues = 100;

    public static IReadOnlyList<QualityDistribution> All { get; } =
    [
        new("area_log2_um2", "nuclear areas", static n => n.AreaLog2Um2, 0.1),
        new("neighbour_log2_um", "distances to the next nucleus", static n => n.NeighbourLog2Um, 0.1),
        new("haematoxylin_mean_od", "haematoxylin of the nuclei", static n => n.HaematoxylinMeanOd, 0.08),
        new("probability", "probabilities of the nuclei", static n => n.Probability, 0.01),
        new("solidity", "solidity of the nuclei", static n => n.Solidity, 0.006),
    ];

    /// <summary>The quantile function at <see cref="Quantiles"/> even places; null when there are too few nuclei.</summary>
    public double[]? Of(SlideQuality quality)
    {
        if (quality.Nuclei is not { } nuclei || Histogram(nuclei) is not { } histogram || histogram.Total < FewestValues)
            return null;
        var values = new double[Quantiles];
        for (int i = 0; i < values.Length; i++)
            values[i] = (i + 0.5) / Quantiles;
        histogram.Quantiles(values);
        return values;
    }

    /// <summary>The Wasserstein distance of order 1 of two distributions given by their quantiles: the mean distance between them.</summary>
    public static double Distance(double[] a, double[] b)
    {
        double sum = 0;
        for (int i = 0; i < a.Length; i++)
            sum += Math.Abs(a[i] - b[i]);
        return sum / a.Length;
    }
}
