using Microtome.Imaging;

namespace Microtome.Pathology;

/// <summary>Clusters of the positive patches of a map (til-thresholds, section 6).</summary>
public sealed record TilClusters
{
    /// <summary>Positive patches that are clustered as they are, by default: 24 bytes a pair, so 384 MB.</summary>
    public const int StandardPoints = 4000;

    /// <summary>Positive patches.</summary>
    public required IReadOnlyList<GridPoint> Positives { get; init; }

    /// <summary>Patches of tissue.</summary>
    public required int Tissue { get; init; }

    /// <summary>The cluster of each positive patch.</summary>
    public required IReadOnlyList<int> Labels { get; init; }

    /// <summary>The centres of the clusters; with <see cref="CoarsenedBy"/> above 1 the middle of a block of patches, rounded down.</summary>
    public required IReadOnlyList<GridPoint> Exemplars { get; init; }

    /// <summary>Side of the blocks that were clustered; 1: the patches themselves.</summary>
    public required int CoarsenedBy { get; init; }

    /// <summary>Whether the exemplars settled.</summary>
    public required bool Settled { get; init; }

    /// <summary>The indices; null without a positive patch.</summary>
    public required ClusterIndices? Indices { get; init; }

    /// <summary>Positive patches over tissue; null without tissue.</summary>
    public double? Share => Tissue > 0 ? (double)Positives.Count / Tissue : null;

    /// <summary>Finds the clusters of a probability map.</summary>
    /// <param name="map">The map; a cell is positive from the threshold on, and tissue when it is known and not exactly 0.</param>
    /// <param name="threshold">The cut.</param>
    /// <param name="most">Points that affinity propagation takes; with more positive patches it takes blocks of 2 x 2, 4 x 4 ... patches that hold a positive one, and every patch goes to the nearest exemplar.</param>
    /// <param name="options">How it runs.</param>
    /// <param name="cancellation">Stops.</param>
    public static TilClusters Of(PatchMap map, double threshold, int most, AffinityPropagationOptions options, CancellationToken cancellation = default) =>
        Of(map.Values.Width, map.Values.Height, i => map.Values.Samples[i] >= (float)threshold, i => map.Values.Samples[i] > 0, most, options, cancellation);

    /// <summary>Finds the clusters of a published combined map: patches with lymphocytes, in tumor or not.</summary>
    /// <inheritdoc cref="Of(PatchMap, double, int, AffinityPropagationOptions, CancellationToken)"/>
    public static TilClusters Of(CombinedMap map, int most, AffinityPropagationOptions options, CancellationToken cancellation = default) =>
        Of(map.Width, map.Height, i => map[i % map.Width, i / map.Width] is CombinedMapClass.Til or CombinedMapClass.TumorAndTil, i => map[i % map.Width, i / map.Width] != CombinedMapClass.None, most, options, cancellation);

    /// <summary>
    /// Of each cluster: its patches; its dispersion, the sum of their squared distances from their centre of mass; its extent, the largest distance of a patch from the exemplar. In patches.
    /// </summary>
    public (double[] Sizes, double[] Dispersions, double[] Extents) PerCluster()
    {
        int clusters = Exemplars.Count;
        double[] sizes = new double[clusters], dispersions = new double[clusters], extents = new double[clusters], x = new double[clusters], y = new double[clusters];
        for (int i = 0; i < Labels.Count; i++)
        {
            int c = Labels[i];
            sizes[c]++;
            x[c] += Positives[i].X;
            y[c] += Positives[i].Y;
            extents[c] = Math.Max(extents[c], Math.Sqrt(Positives[i].SquaredDistance(Exemplars[c])));
        }

        for (int i = 0; i < Labels.Count; i++)
        {
            int c = Labels[i];
            double dx = Positives[i].X - (x[c] / sizes[c]), dy = Positives[i].Y - (y[c] / sizes[c]);
            dispersions[c] += (dx * dx) + (dy * dy);
        }

        return (sizes, dispersions, extents);
    }

    private static TilClusters Of(int width, int height, Func<int, bool> positive, Func<int, bool> tissue, int most, AffinityPropagationOptions options, CancellationToken cancellation)
    {
        int cells = width * height;
        GridPoint[] points = [.. Enumerable.Range(0, cells).Where(positive).Select(i => new GridPoint(i % width, i / width))];
        int side = 1;
        GridPoint[] clustered = points;
        while (clustered.Length > most)
        {
            side *= 2;
            clustered = [.. points.Select(p => new GridPoint(p.X / side, p.Y / side)).Distinct().OrderBy(static p => p.Y).ThenBy(static p => p.X)];
        }

        var (exemplars, labels, settled, _) = AffinityPropagation.Run(clustered, options, cancellation);
        GridPoint[] centres = [.. exemplars.Select(e => new GridPoint((clustered[e].X * side) + ((side - 1) / 2), (clustered[e].Y * side) + ((side - 1) / 2)))];
        if (side > 1)
        {
            labels = [.. points.Select(p => Enumerable.Range(0, centres.Length).MinBy(c => p.SquaredDistance(centres[c])))];
            // An exemplar's block may lie behind another's patches: nobody is left for it.
            int[] used = [.. labels.Distinct().Order()];
            centres = [.. used.Select(c => centres[c])];
            labels = [.. labels.Select(c => Array.BinarySearch(used, c))];
        }

        return new TilClusters
        {
            Positives = points,
            Tissue = Enumerable.Range(0, cells).Count(i => tissue(i) || positive(i)),
            Labels = labels,
            Exemplars = centres,
            CoarsenedBy = side,
            Settled = settled,
            Indices = points.Length > 0 ? ClusterIndices.Of(points, labels, centres.Length, cancellation) : null,
        };
    }
}
