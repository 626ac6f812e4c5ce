namespace Microtome.Pathology;

/// <summary>The distances of all pairs of points. Squared distances on a grid are whole numbers: they are counted, not kept.</summary>
internal sealed class PairDistances
{
    private PairDistances(long smallestBetween, long largestWithin, double? cIndex) => (SmallestBetween, LargestWithin, CIndex) = (smallestBetween, largestWithin, cIndex);

    /// <summary>The smallest squared distance of points of two clusters; 0 when there is one cluster.</summary>
    public long SmallestBetween { get; }

    /// <summary>The largest squared distance within a cluster.</summary>
    public long LargestWithin { get; }

    /// <summary>See <see cref="ClusterIndices.CIndex"/>; null when no two points share a cluster.</summary>
    public double? CIndex { get; }

    public static PairDistances Of(IReadOnlyList<GridPoint> points, IReadOnlyList<int> labels, CancellationToken cancellation)
    {
        // By the differences of columns and rows: at most as many as a map has cells.
        int width = points.Max(static p => p.X) - points.Min(static p => p.X) + 1, height = points.Max(static p => p.Y) - points.Min(static p => p.Y) + 1;
        long[] counts = new long[(long)width * height];
        long smallest = long.MaxValue, largest = 0, pairsWithin = 0;
        var within = new Dictionary<long, long>();
        for (int i = 0; i < points.Count; i++)
        {
            cancellation.ThrowIfCancellationRequested();
            var point = points[i];
            int label = labels[i];
            for (int k = 0; k < i; k++)
            {
                var other = points[k];
                int dx = Math.Abs(point.X - other.X), dy = Math.Abs(point.Y - other.Y);
                counts[((long)dy * width) + dx]++;
                if (labels[k] != label)
                {
                    smallest = Math.Min(smallest, ((long)dx * dx) + ((long)dy * dy));
                    continue;
                }

                long distance = ((long)dx * dx) + ((long)dy * dy);
                largest = Math.Max(largest, distance);
                within[distance] = within.GetValueOrDefault(distance) + 1;
                pairsWithin++;
            }
        }

        (double Distance, long Count)[] all = [.. counts.Select((count, i) => (Math.Sqrt(((i % width) * (double)(i % width)) + ((i / width) * (double)(i / width))), count)).Where(static d => d.count > 0).OrderBy(static d => d.Item1)];
        double sum = within.OrderBy(static d => d.Key).Sum(static d => Math.Sqrt(d.Key) * d.Value), least = SumOf(all, pairsWithin), most = SumOf(all.Reverse(), pairsWithin);
        return new PairDistances(smallest == long.MaxValue ? 0 : smallest, largest, pairsWithin > 0 && most > least ? (sum - least) / (most - least) : null);
    }

    private static double SumOf(IEnumerable<(double Distance, long Count)> sorted, long pairs)
    {
        double sum = 0;
        foreach (var (distance, count) in sorted)
        {
            long taken = Math.Min(pairs, count);
            sum += distance * taken;
            if ((pairs -= taken) == 0)
                break;
        }

        return sum;
    }
}
