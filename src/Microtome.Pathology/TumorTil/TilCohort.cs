namespace Microtome.Pathology;

/// <summary>
/// Infiltration within a cohort (section 3.3, step 7): scaled by the sample standard deviation without centring, and Low up to the mean. Slides without tumor or
/// without maps are left out of mean and deviation. The class depends on the cohort: it says nothing across runs.
/// </summary>
public sealed class TilCohort
{
    /// <summary>Measures a cohort.</summary>
    /// <param name="percentPositive">Infiltrated share of each slide; null when there is none.</param>
    public TilCohort(IEnumerable<double?> percentPositive)
    {
        double[] known = [.. percentPositive.Where(static p => p is { } value && double.IsFinite(value)).Select(static p => p!.Value)];
        Slides = known.Length;
        if (known.Length > 0)
            Mean = known.Average();
        if (known.Length > 1)
            StandardDeviation = Math.Sqrt(known.Sum(p => (p - Mean!.Value) * (p - Mean.Value)) / (known.Length - 1));
    }

    /// <summary>Slides with a value.</summary>
    public int Slides { get; }

    /// <summary>Mean, or null without slides.</summary>
    public double? Mean { get; }

    /// <summary>Sample standard deviation, or null with fewer than two slides.</summary>
    public double? StandardDeviation { get; }

    /// <summary>Infiltration in standard deviations (<c>scaled_PP</c>); null where it is not defined.</summary>
    public double? Scaled(double? percentPositive) => StandardDeviation > 0 ? percentPositive / StandardDeviation : null;

    /// <summary>Low or High; null where it is not defined.</summary>
    public TilClass? Class(double? percentPositive) =>
        percentPositive is { } value && Mean is { } mean ? value <= mean ? TilClass.Low : TilClass.High : null;
}
