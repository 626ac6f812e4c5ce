namespace Microtome.Pathology;

/// <summary>Whether a factor (stage, subtype) goes with a class or a number.</summary>
public static class FactorTests
{
    /// <summary>Pearson's chi-square of a table of counts, without continuity correction; null with fewer than two rows or columns that hold anything.</summary>
    /// <param name="first">Level of each subject in one factor, from 0.</param>
    /// <param name="second">Level of each subject in the other, from 0.</param>
    public static TestResult? ChiSquare(int[] first, int[] second)
    {
        int rows = first.Length == 0 ? 0 : first.Max() + 1, columns = second.Length == 0 ? 0 : second.Max() + 1;
        double[,] counts = new double[rows, columns];
        double[] byRow = new double[rows], byColumn = new double[columns];
        for (int i = 0; i < first.Length; i++)
        {
            counts[first[i], second[i]]++;
            byRow[first[i]]++;
            byColumn[second[i]]++;
        }

        int freedom = (byRow.Count(static n => n > 0) - 1) * (byColumn.Count(static n => n > 0) - 1);
        if (freedom < 1)
            return null;
        double statistic = 0;
        for (int r = 0; r < rows; r++)
        {
            for (int c = 0; c < columns; c++)
            {
                double expected = byRow[r] * byColumn[c] / first.Length;
                if (expected > 0)
                    statistic += (counts[r, c] - expected) * (counts[r, c] - expected) / expected;
            }
        }

        return TestResult.ChiSquare(statistic, freedom);
    }

    /// <summary>Kruskal and Wallis' test with correction for ties; with two levels it is Wilcoxon's rank sum test without continuity correction. Null with fewer than two levels.</summary>
    public static TestResult? KruskalWallis(double[] values, int[] levels)
    {
        int n = values.Length;
        double[] ranks = Ranks(values, out double ties);
        var groups = Enumerable.Range(0, n).GroupBy(i => levels[i]).ToArray();
        double correction = 1 - (ties / (((double)n * n * n) - n));
        if (groups.Length < 2 || correction <= 0)
            return null;
        double sum = groups.Sum(g => Math.Pow(g.Sum(i => ranks[i]), 2) / g.Count());
        return TestResult.ChiSquare(((12 / (n * (n + 1.0)) * sum) - (3 * (n + 1.0))) / correction, groups.Length - 1);
    }

    /// <summary>One-way analysis of variance; null with fewer than two levels or nothing that varies within them.</summary>
    public static TestResult? Anova(double[] values, int[] levels)
    {
        var groups = Enumerable.Range(0, values.Length).GroupBy(i => levels[i]).Select(g => g.Select(i => values[i]).ToArray()).ToArray();
        int between = groups.Length - 1, within = values.Length - groups.Length;
        if (between < 1 || within < 1)
            return null;
        double mean = values.Average();
        double explained = groups.Sum(g => g.Length * Math.Pow(g.Average() - mean, 2));
        double rest = groups.Sum(g => g.Sum(v => Math.Pow(v - g.Average(), 2)));
        return rest > 0 ? TestResult.F(explained / between / (rest / within), between, within) : null;
    }

    /// <summary>Ranks from 1, equal values sharing their mean rank; <paramref name="ties"/> is the sum of t^3 - t over the ties.</summary>
    internal static double[] Ranks(double[] values, out double ties)
    {
        int[] order = [.. Enumerable.Range(0, values.Length).OrderBy(i => values[i])];
        double[] ranks = new double[values.Length];
        ties = 0;
        for (int at = 0; at < order.Length;)
        {
            int end = at;
            while (end < order.Length && values[order[end]] == values[order[at]])
                end++;
            double t = end - at;
            ties += (t * t * t) - t;
            for (int k = at; k < end; k++)
                ranks[order[k]] = (at + end + 1) / 2.0;
            at = end;
        }

        return ranks;
    }
}
