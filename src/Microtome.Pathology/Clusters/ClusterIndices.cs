namespace Microtome.Pathology;

/// <summary>
/// How compact and how separate clusters of points in a plane are, by the definitions of R's package clusterCrit (Desgraupes). N points, K clusters, n_k of cluster k; WG_k the scatter matrix of
/// cluster k around its centre, WG their sum, T the scatter around the common centre, BG = T - WG. Distances in patches. Null where an index is not defined: one cluster, a cluster on
/// a point or on a line, or more points than pairs are looked at for.
/// </summary>
public sealed record ClusterIndices
{
    /// <summary>Points up to which indices that need every pair of points are computed.</summary>
    public const int MostPointsOfPairs = 50_000;

    /// <summary>Ball-Hall: (1/K) sum_k tr(WG_k) / n_k.</summary>
    public required double BallHall { get; init; }

    /// <summary>Banfield-Raftery: sum_k n_k ln(tr(WG_k) / n_k). Null when a cluster has no extent.</summary>
    public required double? BanfieldRaftery { get; init; }

    /// <summary>C index: (S_W - S_min) / (S_max - S_min) of the sum S_W of distances within clusters and the sums of as many smallest and largest of all distances.</summary>
    public required double? CIndex { get; init; }

    /// <summary>Determinant ratio: det T / det WG.</summary>
    public required double? DetRatio { get; init; }

    /// <summary>Calinski-Harabasz: (tr BG / (K - 1)) / (tr WG / (N - K)).</summary>
    public required double? CalinskiHarabasz { get; init; }

    /// <summary>Davies-Bouldin: the mean over clusters of the largest (d_k + d_l) / |G_k - G_l|, d_k the mean distance from the centre G_k.</summary>
    public required double? DaviesBouldin { get; init; }

    /// <summary>Dunn: the smallest distance between points of two clusters over the largest within one.</summary>
    public required double? Dunn { get; init; }

    /// <summary>Ray-Turi: tr WG / N over the smallest squared distance of two centres.</summary>
    public required double? RayTuri { get; init; }

    /// <summary>Xie-Beni: tr WG / N over the smallest squared distance between points of two clusters.</summary>
    public required double? XieBeni { get; init; }

    /// <summary>Log SS ratio: ln(tr BG / tr WG).</summary>
    public required double? LogSumsRatio { get; init; }

    /// <summary>Measures clusters.</summary>
    /// <param name="points">The points.</param>
    /// <param name="labels">The cluster of each, 0 to <paramref name="clusters"/> - 1; none is empty.</param>
    /// <param name="clusters">Clusters.</param>
    /// <param name="cancellation">Stops.</param>
    /// <exception cref="ArgumentException">There is no point, or a cluster has none.</exception>
    public static ClusterIndices Of(IReadOnlyList<GridPoint> points, IReadOnlyList<int> labels, int clusters, CancellationToken cancellation = default)
    {
        int n = points.Count;
        var scatters = new Scatter[clusters];
        var whole = new Scatter();
        for (int i = 0; i < n; i++)
        {
            scatters[labels[i]] = scatters[labels[i]].With(points[i]);
            whole = whole.With(points[i]);
        }

        if (n == 0 || scatters.Any(static s => s.Count == 0))
            throw new ArgumentException("Every cluster needs a point.", nameof(labels));
        var within = (X: scatters.Sum(static s => s.XX), Y: scatters.Sum(static s => s.YY), Both: scatters.Sum(static s => s.XY));
        double trace = within.X + within.Y, between = whole.XX + whole.YY - trace, determinant = (within.X * within.Y) - (within.Both * within.Both);
        double nearest = double.PositiveInfinity, davies = 0;
        double[] means = new double[clusters];
        for (int i = 0; i < n; i++)
            means[labels[i]] += Distance(points[i].X, points[i].Y, scatters[labels[i]]) / scatters[labels[i]].Count;
        for (int k = 0; k < clusters; k++)
        {
            double worst = 0;
            for (int l = 0; l < clusters; l++)
            {
                if (l == k)
                    continue;
                double apart = Distance(scatters[k].MeanX, scatters[k].MeanY, scatters[l]);
                nearest = Math.Min(nearest, apart);
                worst = Math.Max(worst, (means[k] + means[l]) / apart);
            }

            davies += worst / clusters;
        }

        var pairs = n <= MostPointsOfPairs ? PairDistances.Of(points, labels, cancellation) : null;
        bool several = clusters > 1;
        return new ClusterIndices
        {
            BallHall = scatters.Sum(static s => s.Trace / s.Count) / clusters,
            BanfieldRaftery = scatters.All(static s => s.Trace > 0) ? scatters.Sum(static s => s.Count * Math.Log(s.Trace / s.Count)) : null,
            CIndex = several ? pairs?.CIndex : null,
            DetRatio = several && determinant > 0 ? ((whole.XX * whole.YY) - (whole.XY * whole.XY)) / determinant : null,
            CalinskiHarabasz = several && n > clusters && trace > 0 ? between / (clusters - 1) / (trace / (n - clusters)) : null,
            DaviesBouldin = several && nearest > 0 ? davies : null,
            Dunn = several && pairs is { LargestWithin: > 0 } ? Math.Sqrt((double)pairs.SmallestBetween / pairs.LargestWithin) : null,
            RayTuri = several && nearest > 0 ? trace / n / (nearest * nearest) : null,
            XieBeni = several && pairs is { SmallestBetween: > 0 } ? trace / n / pairs.SmallestBetween : null,
            LogSumsRatio = several && trace > 0 && between > 0 ? Math.Log(between / trace) : null,
        };
    }

    private static double Distance(double x, double y, Scatter centre) => Math.Sqrt(((x - centre.MeanX) * (x - centre.MeanX)) + ((y - centre.MeanY) * (y - centre.MeanY)));

    // Whole numbers: exact whatever the order of the points.
    private readonly record struct Scatter(long Count, long X, long Y, Int128 XSquares, Int128 YSquares, Int128 Products)
    {
        public double MeanX => (double)X / Count;

        public double MeanY => (double)Y / Count;

        public double XX => (double)((XSquares * Count) - ((Int128)X * X)) / Count;

        public double YY => (double)((YSquares * Count) - ((Int128)Y * Y)) / Count;

        public double XY => (double)((Products * Count) - ((Int128)X * Y)) / Count;

        public double Trace => XX + YY;

        public Scatter With(GridPoint p) => new(Count + 1, X + p.X, Y + p.Y, XSquares + ((long)p.X * p.X), YSquares + ((long)p.Y * p.Y), Products + ((long)p.X * p.Y));
    }
}
