using Microtome.Pathology;

namespace Microtome.Cohorts;

/// <summary>
/// What slides of one kind are usually like: medians and spreads, which stay where they are while fewer than half of the slides are bad. Distributions are pooled by the median of
/// their quantiles, for the same reason.
/// </summary>
internal sealed class QualityReference
{
    // Makes the median absolute deviation of a normal distribution its standard deviation.
    private const double Normal = 1.4826;

    private readonly (double Median, double Spread)[] measures;
    private readonly double[]?[] pooled;
    private readonly (double Median, double Spread)[] distances;

    public QualityReference(string name, IReadOnlyList<SlideQuality> slides)
    {
        Name = name;
        Slides = slides.Count;
        measures = [.. QualityMeasure.All.Select(m => Centre(slides.Select(s => m.Scaled(m.Value(s))), m.Floor))];
        pooled = new double[]?[QualityDistribution.All.Count];
        distances = new (double, double)[pooled.Length];
        for (int d = 0; d < pooled.Length; d++)
        {
            var distribution = QualityDistribution.All[d];
            var quantiles = slides.Select(distribution.Of).Where(static q => q is not null).Select(static q => q!).ToArray();
            if (quantiles.Length == 0)
                continue;
            pooled[d] = [.. Enumerable.Range(0, QualityDistribution.Quantiles).Select(i => Median([.. quantiles.Select(q => q[i])]))];
            distances[d] = Centre(quantiles.Select(q => QualityDistribution.Distance(q, pooled[d]!)), distribution.Floor);
        }
    }

    /// <summary>The type, or "all".</summary>
    public string Name { get; }

    /// <summary>Slides that it rests on.</summary>
    public int Slides { get; }

    /// <summary>The median of a measure, on its compared scale; NaN when no slide has it.</summary>
    public double Median(int measure) => measures[measure].Median;

    /// <summary>How many spreads above (positive) or below the median a number lies; NaN when it is not known.</summary>
    public double Deviations(int measure, double scaled) => (scaled - measures[measure].Median) / measures[measure].Spread;

    /// <summary>The distance of a slide's distribution to the pooled one, its median over the slides, and how many spreads it is above that; null when it is not known.</summary>
    public (double Distance, double Median, double Deviations)? Distance(int distribution, SlideQuality quality)
    {
        if (pooled[distribution] is not { } centre || QualityDistribution.All[distribution].Of(quality) is not { } own)
            return null;
        double distance = QualityDistribution.Distance(own, centre);
        return (distance, distances[distribution].Median, (distance - distances[distribution].Median) / distances[distribution].Spread);
    }

    /// <summary>The pooled quantiles of a distribution; null when no slide has enough nuclei.</summary>
    public double[]? Pooled(int distribution) => pooled[distribution];

    private static (double Median, double Spread) Centre(IEnumerable<double> values, double floor)
    {
        double[] known = [.. values.Where(double.IsFinite)];
        if (known.Length == 0)
            return (double.NaN, double.NaN);
        double median = Median([.. known]);
        return (median, Math.Max(floor, Normal * Median([.. known.Select(v => Math.Abs(v - median))])));
    }

    // Sorts in place.
    private static double Median(double[] values)
    {
        Array.Sort(values);
        return (values[(values.Length - 1) / 2] + values[values.Length / 2]) / 2;
    }
}
