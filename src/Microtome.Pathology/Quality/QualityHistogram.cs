using System.Text.Json.Serialization;

namespace Microtome.Pathology;

/// <summary>Counts in fixed bins, the same on every slide, so that slides can be compared.</summary>
public sealed record QualityHistogram
{
    /// <summary>The most bins that a file may hold.</summary>
    public const int MostBins = 1000;

    /// <summary>Where the first bin begins.</summary>
    public required double Start { get; init; }

    /// <summary>Width of a bin.</summary>
    public required double Step { get; init; }

    /// <summary>Values per bin; what lies beyond the ends counts in the first and the last.</summary>
    public required long[] Counts { get; init; }

    /// <summary>Values in all.</summary>
    [JsonIgnore]
    public long Total => Counts.Sum();

    /// <summary>An empty histogram.</summary>
    public static QualityHistogram Of(double start, double step, int bins) => new() { Start = start, Step = step, Counts = new long[bins] };

    /// <summary>Counts a value; values that are not finite are left out.</summary>
    public void Add(double value)
    {
        if (double.IsFinite(value))
            Counts[(int)Math.Clamp(Math.Floor((value - Start) / Step), 0, Counts.Length - 1)]++;
    }

    /// <summary>The value below which a share lies, as if the values of a bin were spread evenly over it; NaN when there is none.</summary>
    /// <param name="share">0 to 1.</param>
    public double Quantile(double share)
    {
        Span<double> one = [share];
        Quantiles(one);
        return one[0];
    }

    /// <summary>The same of several shares at once, in place.</summary>
    /// <param name="shares">0 to 1, from small to large; receives the values.</param>
    public void Quantiles(Span<double> shares)
    {
        double total = 0, seen = 0;
        foreach (long count in Counts)
            total += count;
        int bin = 0;
        foreach (ref double share in shares)
        {
            double wanted = share * total;
            while (bin < Counts.Length && (Counts[bin] == 0 || seen + Counts[bin] < wanted))
                seen += Counts[bin++];
            share = total == 0 ? double.NaN : Start + (Step * (bin == Counts.Length ? bin : bin + Math.Clamp((wanted - seen) / Counts[bin], 0, 1)));
        }
    }

    /// <summary>The share of the values below a bound that is the edge of a bin; NaN when there is no value.</summary>
    public double ShareBelow(double bound)
    {
        double total = Total;
        return total == 0 ? double.NaN : Counts.Take((int)Math.Round((bound - Start) / Step)).Sum() / total;
    }
}
