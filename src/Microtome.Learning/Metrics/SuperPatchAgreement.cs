namespace Microtome.Learning.Metrics;

/// <summary>Agreement with raters on super-patches of 8x8 patches (til-thresholds, section 7.2).</summary>
public static class SuperPatchAgreement
{
    /// <summary>Patches along a side of a super-patch: 400 um.</summary>
    public const int Side = 8;

    /// <summary>Bins of the sampling: floor(64 positives / tissue) is 0 to 64.</summary>
    public const int Bins = (Side * Side) + 1;

    /// <summary>The counts of the whole super-patches of a map.</summary>
    /// <param name="judged">One value a patch: true positive, false tissue without, null no tissue or unknown. Shape [height, width].</param>
    /// <param name="width">Columns of the map.</param>
    /// <param name="height">Rows of the map.</param>
    public static IReadOnlyList<SuperPatchCount> Counts(IReadOnlyList<bool?> judged, int width, int height)
    {
        if (judged.Count != width * height)
            throw new ArgumentException($"{judged.Count} patches are no map of {width} x {height}.", nameof(judged));
        var counts = new List<SuperPatchCount>();
        for (var top = 0; top + Side <= height; top += Side)
        {
            for (var left = 0; left + Side <= width; left += Side)
            {
                int positives = 0, tissue = 0;
                for (var i = 0; i < Side * Side; i++)
                {
                    var patch = judged[((top + (i / Side)) * width) + left + (i % Side)];
                    tissue += patch is null ? 0 : 1;
                    positives += patch == true ? 1 : 0;
                }

                counts.Add(new SuperPatchCount(left, top, positives, tissue));
            }
        }

        return counts;
    }

    /// <summary>Up to <paramref name="perBin"/> super-patches of each bin, chosen at random, so that raters see the whole range. Those without tissue are left out.</summary>
    public static IReadOnlyList<SuperPatchCount> Sample(IEnumerable<SuperPatchCount> counts, int perBin, int seed)
    {
        var random = new Random(seed);
        var chosen = new List<SuperPatchCount>();
        foreach (var bin in counts.Where(static c => c.Tissue > 0).GroupBy(static c => c.Bin).OrderBy(static g => g.Key))
        {
            var members = bin.ToArray();
            random.Shuffle(members);
            chosen.AddRange(members.Take(perBin));
        }

        return chosen;
    }

    /// <summary>
    /// The label of a super-patch: the mean of the valid scores (1 low, 2 medium, 3 high), halves rounded to even. 4, blanks and everything else are no score and never count as 0 (trap 12).
    /// </summary>
    /// <param name="scores">The raters' scores; null for a blank.</param>
    /// <returns>1 to 3, or null without any valid score.</returns>
    public static int? Label(IEnumerable<int?> scores)
    {
        int[] valid = [.. scores.Where(static s => s is >= 1 and <= 3).Select(static s => s!.Value)];
        return valid.Length == 0 ? null : (int)Math.Round(valid.Average(), MidpointRounding.ToEven);
    }

    /// <summary>Spearman's rho and the polyserial correlation of counts with labels; super-patches without a label are left out, and lists are never padded (trap 11).</summary>
    /// <exception cref="ArgumentException">Fewer than three super-patches have a label.</exception>
    public static (double Spearman, double Polyserial, int Scored) Agreement(IReadOnlyList<int> counts, IReadOnlyList<int?> labels)
    {
        int[] scored = [.. Enumerable.Range(0, counts.Count).Where(i => labels[i] is not null)];
        if (scored.Length < 3)
            throw new ArgumentException($"{scored.Length} super-patches have a score; a correlation needs three.", nameof(labels));
        double[] values = [.. scored.Select(i => (double)counts[i])];
        int[] scores = [.. scored.Select(i => labels[i]!.Value)];
        return (RankCorrelation.Spearman(values, [.. scores.Select(static s => (double)s)]), RankCorrelation.Polyserial(values, scores), scored.Length);
    }
}
