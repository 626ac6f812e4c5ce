using System.Numerics;

namespace Microtome.Pathology;

/// <summary>
/// Affinity propagation (Frey and Dueck, Science 315:972, 2007) on points of a grid; the similarity of two points is minus their squared distance. On a grid many choices are equally
/// good: a relative 1e-9 of a fixed pseudo-random number is added to each similarity, so that one of them is found, and always the same. Memory: 24 bytes a pair of points.
/// </summary>
public static class AffinityPropagation
{
    // Rows that are added up in one go: sums do not depend on the threads.
    private const int Block = 64;
    private const double Noise = 1e-9;

    /// <summary>Clusters points.</summary>
    /// <returns>The indices of the exemplars, in order; for each point the place of its exemplar in that list; whether the choice settled, and the rounds.</returns>
    public static (int[] Exemplars, int[] Labels, bool Settled, int Rounds) Run(IReadOnlyList<GridPoint> points, AffinityPropagationOptions options, CancellationToken cancellation = default)
    {
        int n = points.Count;
        if (n == 0)
            return ([], [], true, 0);
        var (preference, same) = (options.Preference ?? MedianSimilarity(points), AllSame(points, out long distance));
        if (n == 1)
            return ([0], [0], true, 0);
        // Messages between equal similarities never settle: by definition all are exemplars, or one is.
        if (same)
            return preference >= -distance ? ([.. Enumerable.Range(0, n)], [.. Enumerable.Range(0, n)], true, 0) : ([0], new int[n], true, 0);

        double[][] similarities = Rows(n), responsibilities = Rows(n), availabilities = Rows(n);
        for (int i = 0; i < n; i++)
        {
            for (int k = 0; k < n; k++)
                similarities[i][k] = (i == k ? preference : -points[i].SquaredDistance(points[k])) * (1 + (Noise * Unit((long)i * n + k)));
        }

        bool[] chosen = new bool[n];
        double[] own = new double[n], gathered = new double[n];
        double[][] partial = [.. Enumerable.Range(0, (n + Block - 1) / Block).Select(_ => new double[n])];
        var parallel = new ParallelOptions { MaxDegreeOfParallelism = options.Threads, CancellationToken = cancellation };
        int steady = 0, round = 0;
        while (round < options.MostRounds && steady < options.SteadyRounds)
        {
            round++;
            Parallel.For(0, partial.Length, parallel, b => Respond(b, similarities, availabilities, responsibilities, partial[b], own, options.Damping));
            Array.Clear(gathered);
            foreach (double[] sums in partial)
                Add(gathered, sums);
            Parallel.For(0, partial.Length, parallel, b => Avail(b, responsibilities, availabilities, gathered, own, options.Damping));
            bool changed = false;
            for (int k = 0; k < n; k++)
            {
                bool exemplar = responsibilities[k][k] + availabilities[k][k] > 0;
                changed |= exemplar != chosen[k];
                chosen[k] = exemplar;
            }

            steady = changed || !chosen.Contains(true) ? 0 : steady + 1;
        }

        int[] exemplars = [.. Enumerable.Range(0, n).Where(k => chosen[k])];
        if (exemplars.Length == 0)
            exemplars = [Central([.. Enumerable.Range(0, n)], similarities)];
        // Within each cluster the member that is most similar to the others takes over.
        int[] labels = Assign(exemplars, similarities);
        exemplars = [.. Enumerable.Range(0, exemplars.Length).Select(c => Central([.. Enumerable.Range(0, n).Where(i => labels[i] == c)], similarities)).Order()];
        return (exemplars, Assign(exemplars, similarities), steady >= options.SteadyRounds, round);
    }

    /// <summary>The median of the similarities of two different points, which is the usual preference; 0 for fewer than two points.</summary>
    public static double MedianSimilarity(IReadOnlyList<GridPoint> points)
    {
        long pairs = (long)points.Count * (points.Count - 1) / 2;
        if (pairs == 0)
            return 0;
        var counts = new SortedDictionary<long, long>();
        for (int i = 0; i < points.Count; i++)
        {
            for (int k = 0; k < i; k++)
            {
                long distance = points[i].SquaredDistance(points[k]);
                counts[distance] = counts.GetValueOrDefault(distance) + 1;
            }
        }

        double At(long rank)
        {
            foreach (var (distance, count) in counts)
            {
                if ((rank -= count) < 0)
                    return distance;
            }

            return double.NaN;
        }

        return -(At((pairs - 1) / 2) + At(pairs / 2)) / 2;
    }

    // r(i,k) = s(i,k) - max over k' != k of a(i,k') + s(i,k'); what each column gathers of positive ones, its own apart.
    private static void Respond(int block, double[][] similarities, double[][] availabilities, double[][] responsibilities, double[] sums, double[] own, double damping)
    {
        int n = sums.Length;
        Array.Clear(sums);
        var zero = Vector<double>.Zero;
        var (kept, taken) = (new Vector<double>(damping), new Vector<double>(1 - damping));
        for (int i = block * Block; i < Math.Min(n, (block + 1) * Block); i++)
        {
            double[] s = similarities[i], a = availabilities[i], r = responsibilities[i];
            double first = double.NegativeInfinity, second = double.NegativeInfinity;
            int best = -1;
            for (int k = 0; k < n; k++)
            {
                double both = a[k] + s[k];
                if (both > first)
                    (second, first, best) = (first, both, k);
                else if (both > second)
                    second = both;
            }

            double atBest = (damping * r[best]) + ((1 - damping) * (s[best] - second));
            var most = new Vector<double>(first);
            int v = 0;
            for (; v <= n - Vector<double>.Count; v += Vector<double>.Count)
                ((kept * new Vector<double>(r, v)) + (taken * (new Vector<double>(s, v) - most))).CopyTo(r, v);
            for (; v < n; v++)
                r[v] = (damping * r[v]) + ((1 - damping) * (s[v] - first));
            r[best] = atBest;
            own[i] = r[i];
            for (v = 0; v <= n - Vector<double>.Count; v += Vector<double>.Count)
                (new Vector<double>(sums, v) + Vector.Max(zero, new Vector<double>(r, v))).CopyTo(sums, v);
            for (; v < n; v++)
                sums[v] += Math.Max(0, r[v]);
            sums[i] -= Math.Max(0, r[i]);
        }
    }

    // a(i,k) = min(0, r(k,k) + sum of the positive r(i',k) of the others); a(k,k) is that sum alone.
    private static void Avail(int block, double[][] responsibilities, double[][] availabilities, double[] gathered, double[] own, double damping)
    {
        int n = gathered.Length;
        var zero = Vector<double>.Zero;
        var (kept, taken) = (new Vector<double>(damping), new Vector<double>(1 - damping));
        for (int i = block * Block; i < Math.Min(n, (block + 1) * Block); i++)
        {
            double[] r = responsibilities[i], a = availabilities[i];
            double self = (damping * a[i]) + ((1 - damping) * gathered[i]);
            int v = 0;
            for (; v <= n - Vector<double>.Count; v += Vector<double>.Count)
            {
                var message = Vector.Min(zero, new Vector<double>(own, v) + new Vector<double>(gathered, v) - Vector.Max(zero, new Vector<double>(r, v)));
                ((kept * new Vector<double>(a, v)) + (taken * message)).CopyTo(a, v);
            }

            for (; v < n; v++)
                a[v] = (damping * a[v]) + ((1 - damping) * Math.Min(0, own[v] + gathered[v] - Math.Max(0, r[v])));
            a[i] = self;
        }
    }

    private static int[] Assign(int[] exemplars, double[][] similarities)
    {
        int[] labels = new int[similarities.Length];
        for (int i = 0; i < labels.Length; i++)
        {
            for (int c = 1; c < exemplars.Length; c++)
            {
                if (similarities[i][exemplars[c]] > similarities[i][exemplars[labels[i]]])
                    labels[i] = c;
            }
        }

        for (int c = 0; c < exemplars.Length; c++)
            labels[exemplars[c]] = c;
        return labels;
    }

    private static int Central(int[] members, double[][] similarities) => members.MaxBy(k => members.Sum(i => i == k ? 0 : similarities[i][k]));

    private static void Add(double[] to, double[] what)
    {
        for (int k = 0; k < to.Length; k++)
            to[k] += what[k];
    }

    private static bool AllSame(IReadOnlyList<GridPoint> points, out long distance)
    {
        distance = points.Count > 1 ? points[0].SquaredDistance(points[1]) : 0;
        // Four points of a plane are never all as far from each other.
        for (int i = 0; i < points.Count; i++)
        {
            for (int k = 0; k < i; k++)
            {
                if (points[i].SquaredDistance(points[k]) != distance)
                    return false;
            }
        }

        return true;
    }

    private static double[][] Rows(int n) => [.. Enumerable.Range(0, n).Select(_ => new double[n])];

    // SplitMix64 (Steele, Lea and Flood 2014), 0 to 1.
    private static double Unit(long index)
    {
        ulong z = unchecked(((ulong)index + 1) * 0x9E3779B97F4A7C15);
        z = unchecked((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9);
        z = unchecked((z ^ (z >> 27)) * 0x94D049BB133111EB);
        return ((z ^ (z >> 31)) >> 11) * (1.0 / (1UL << 53));
    }
}
