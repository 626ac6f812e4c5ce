using Microtome.Imaging;

namespace Microtome.Pathology;

/// <summary>Tumor maps of several tumor classes (section 3.3, step 8 of the method): the class of a patch is the most probable one.</summary>
public static class TumorSubtypes
{
    /// <summary>Whether a class is no tumor: background, benign, stroma, necrosis, and what two-class models call the rest.</summary>
    public static bool IsBackground(string name) =>
        name.ToUpperInvariant() is "BACKGROUND" or "BENIGN" or "STROMA" or "NECROSIS" or "OTHER" or "NORMAL" or "NOTUMOR" or "NON-TUMOR" or "NEGATIVE";

    /// <summary>The tumor classes of a table, by place.</summary>
    public static int[] TumorClasses(PatchTable table) => [.. Enumerable.Range(0, table.Classes.Count).Where(k => !IsBackground(table.Classes[k]))];

    /// <summary>The class of a patch, or -1 where every probability is 0 (background).</summary>
    public static int Call(PatchTable table, int patch)
    {
        var probabilities = table.Probabilities.AsSpan(patch * table.Classes.Count, table.Classes.Count);
        int best = -1;
        double most = 0;
        for (int k = 0; k < probabilities.Length; k++)
        {
            if (probabilities[k] > most)
                (best, most) = (k, probabilities[k]);
        }

        return best;
    }

    /// <summary>A map that is 1 where the patch is called one of <paramref name="classes"/> and 0 where it is called something else.</summary>
    /// <exception cref="SlideException">The patches lie on no grid.</exception>
    public static PatchMap MapOf(PatchTable table, params ReadOnlySpan<int> classes)
    {
        int[] wanted = classes.ToArray();
        return PatchMap.From(table, patch => Array.IndexOf(wanted, Call(table, patch)) >= 0 ? 1 : 0);
    }

    /// <summary>One row a tumor class.</summary>
    /// <param name="tumor">Table of several classes.</param>
    /// <param name="til">The lymphocyte map.</param>
    /// <param name="options">Thresholds; the tumor threshold does not apply.</param>
    /// <exception cref="SlideException">The patches lie on no grid.</exception>
    public static IReadOnlyList<TumorSubtype> Measure(PatchTable tumor, PatchMap til, AlignmentOptions options)
    {
        int[] classes = TumorClasses(tumor);
        int[] patches = new int[tumor.Classes.Count];
        for (int i = 0; i < tumor.Count; i++)
        {
            if (Call(tumor, i) is >= 0 and var called)
                patches[called]++;
        }

        int all = classes.Sum(k => patches[k]);
        return [.. classes.Select(k =>
        {
            var statistics = MapAlignment.Align(MapOf(tumor, k), til, options with { TumorThreshold = 0.5 }).Statistics;
            return new TumorSubtype(tumor.Classes[k], patches[k], all == 0 ? 0 : (double)patches[k] / all, statistics.OverlapCells, statistics.PercentPositive);
        })];
    }
}
