namespace Microtome.Imaging;

/// <summary>Thresholds from histograms.</summary>
internal static class HistogramThreshold
{
    /// <summary>The last bin of the lower group that maximises the variance between groups; 0 when all counts lie in one bin.</summary>
    public static int Otsu(ReadOnlySpan<long> counts)
    {
        double total = 0, moment = 0;
        for (var i = 0; i < counts.Length; i++)
        {
            total += counts[i];
            moment += (double)i * counts[i];
        }

        double below = 0, belowMoment = 0, best = 0;
        int first = 0, last = 0;
        for (var i = 0; i + 1 < counts.Length; i++)
        {
            below += counts[i];
            belowMoment += (double)i * counts[i];
            if (below == 0 || below == total)
                continue;
            var gap = (belowMoment / below) - ((moment - belowMoment) / (total - below));
            var between = below * (total - below) * gap * gap;
            if (between > best)
            {
                best = between;
                first = i;
            }

            // Empty bins between two groups all give the same variance: the middle of them is the cut.
            if (between == best)
                last = i;
        }

        return (first + last) / 2;
    }

    /// <summary>The bin right of the peak whose count lies farthest below the line from the peak to the last occupied bin.</summary>
    public static int Triangle(ReadOnlySpan<long> counts)
    {
        int peak = 0, end = 0;
        for (var i = 0; i < counts.Length; i++)
        {
            if (counts[i] > counts[peak])
                peak = i;
            if (counts[i] > 0)
                end = i;
        }

        var best = peak;
        double farthest = 0;
        for (var i = peak; i <= end; i++)
        {
            // Proportional to the distance; the constant length of the line does not matter.
            var depth = ((double)counts[peak] * (end - i)) - ((double)counts[i] * (end - peak)) + ((double)counts[end] * (i - peak));
            if (depth > farthest)
            {
                farthest = depth;
                best = i;
            }
        }

        return best;
    }
}
