namespace Microtome.Pathology;

/// <summary>
/// Harrell's concordance: of the pairs whose order in time is known, the share in which the earlier event has the higher risk; equal risks count half. A subject
/// censored at the time of an event outlived it.
/// </summary>
public static class SurvivalConcordance
{
    /// <summary>The concordance of a risk; null without a comparable pair.</summary>
    public static double? Of(SurvivalData data, double[] risk)
    {
        double[] levels = [.. risk.Distinct().Order()];
        int[] rank = Array.ConvertAll(risk, r => Array.BinarySearch(levels, r));
        // Fenwick tree of those who live longer, by rank of risk.
        int[] tree = new int[levels.Length + 1];
        int inside = 0;
        double concordant = 0, pairs = 0;
        foreach (var time in Enumerable.Range(0, data.Count).GroupBy(i => data.Times[i]).OrderByDescending(static g => g.Key))
        {
            foreach (int i in time.Where(i => !data.Events[i]))
                Add(tree, rank[i], ref inside);
            foreach (int i in time.Where(i => data.Events[i]))
            {
                int lower = Below(tree, rank[i]), notHigher = Below(tree, rank[i] + 1);
                concordant += lower + ((notHigher - lower) / 2.0);
                pairs += inside;
            }

            foreach (int i in time.Where(i => data.Events[i]))
                Add(tree, rank[i], ref inside);
        }

        return pairs > 0 ? concordant / pairs : null;
    }

    private static void Add(int[] tree, int rank, ref int inside)
    {
        inside++;
        for (int i = rank + 1; i < tree.Length; i += i & -i)
            tree[i]++;
    }

    private static int Below(int[] tree, int rank)
    {
        int sum = 0;
        for (int i = rank; i > 0; i -= i & -i)
            sum += tree[i];
        return sum;
    }
}
