namespace Microtome.Pathology;

/// <summary>
/// Counts in fixed bins, fine enough that quantiles are exact to a bin: memory does not grow with the number of values, and the order in which they come does not matter.
/// </summary>
public sealed class Histogram
{
    private readonly long[] counts;
    private decimal sum;

    /// <summary>Makes an empty histogram of [0, <paramref name="bins"/> x <paramref name="binWidth"/>).</summary>
    public Histogram(double binWidth, int bins)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(bins);
        BinWidth = binWidth;
        counts = new long[bins];
    }

    /// <summary>Width of a bin, in the unit of the values.</summary>
    public double BinWidth { get; }

    /// <summary>Values counted.</summary>
    public long Count { get; private set; }

    /// <summary>The mean of the values themselves; 0 when there is none. A decimal sum does not depend on the order of the values.</summary>
    public double Mean => Count == 0 ? 0 : (double)(sum / Count);

    /// <summary>Counts per bin; what lies beyond the last bin counts there.</summary>
    public ReadOnlySpan<long> Counts => counts;

    /// <summary>Counts a value; values that are not finite are left out.</summary>
    public void Add(double value)
    {
        if (!double.IsFinite(value))
            return;
        counts[(int)Math.Clamp(value / BinWidth, 0, counts.Length - 1)]++;
        sum += (decimal)Math.Clamp(value, -1e12, 1e12);
        Count++;
    }

    /// <summary>The middle of the bin that holds the quantile; 0 when there is no value.</summary>
    /// <param name="share">0 to 1.</param>
    public double Quantile(double share)
    {
        long wanted = Math.Max(1, (long)Math.Ceiling(share * Count)), seen = 0;
        for (int i = 0; i < counts.Length; i++)
        {
            seen += counts[i];
            if (seen >= wanted && Count > 0)
                return (i + 0.5) * BinWidth;
        }

        return 0;
    }

    /// <summary>The same values in <paramref name="count"/> bars from 0 to <paramref name="end"/>; what lies beyond is left out.</summary>
    public long[] Bars(double end, int count)
    {
        long[] bars = new long[count];
        for (int i = 0; i < counts.Length; i++)
        {
            int bar = (int)((i + 0.5) * BinWidth / end * count);
            if (bar < count)
                bars[bar] += counts[i];
        }

        return bars;
    }
}
