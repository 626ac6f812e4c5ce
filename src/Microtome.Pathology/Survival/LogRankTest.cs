using MathNet.Numerics.LinearAlgebra;

namespace Microtome.Pathology;

/// <summary>The log-rank test of two or more groups (Mantel 1966; hypergeometric variance).</summary>
public sealed class LogRankTest
{
    /// <summary>Tests.</summary>
    /// <param name="data">The subjects.</param>
    /// <param name="groups">The group of each, 0 to <paramref name="count"/> - 1.</param>
    /// <param name="count">Groups, at least 2, none of them empty.</param>
    /// <exception cref="ArgumentException">A group is empty or there are fewer than two.</exception>
    public LogRankTest(SurvivalData data, int[] groups, int count)
    {
        if (count < 2 || Enumerable.Range(0, count).Any(g => !groups.Contains(g)))
            throw new ArgumentException($"The log-rank test compares at least two groups with subjects; {groups.Distinct().Count()} of {count} have any.", nameof(groups));
        Observed = new double[count];
        Expected = new double[count];
        double[] atRisk = new double[count], events = new double[count];
        foreach (int g in groups)
            atRisk[g]++;
        var variance = Matrix<double>.Build.Dense(count, count);
        foreach (var time in Enumerable.Range(0, data.Count).GroupBy(i => data.Times[i]).OrderBy(static g => g.Key))
        {
            Array.Clear(events);
            foreach (int i in time)
            {
                if (data.Events[i])
                    events[groups[i]]++;
            }

            double n = atRisk.Sum(), d = events.Sum();
            if (d > 0)
                Add(variance, atRisk, events, n, d);
            foreach (int i in time)
                atRisk[groups[i]]--;
        }

        Result = Statistic(variance, count);
    }

    /// <summary>Events of each group.</summary>
    public double[] Observed { get; }

    /// <summary>Events of each group if the groups did not differ.</summary>
    public double[] Expected { get; }

    /// <summary>Chi-square and its p value.</summary>
    public TestResult Result { get; }

    private void Add(Matrix<double> variance, double[] atRisk, double[] events, double n, double d)
    {
        double factor = n > 1 ? d * (n - d) / (n - 1) : 0;
        for (int g = 0; g < atRisk.Length; g++)
        {
            Observed[g] += events[g];
            Expected[g] += d * atRisk[g] / n;
            for (int h = 0; h < atRisk.Length; h++)
                variance[g, h] += factor * atRisk[g] / n * ((g == h ? 1 : 0) - (atRisk[h] / n));
        }
    }

    // The differences add up to zero, so that one group says nothing new; groups that are never at risk at an event say nothing at all.
    private TestResult Statistic(Matrix<double> variance, int count)
    {
        int[] kept = [.. Enumerable.Range(0, count).Where(g => Expected[g] > 0)];
        if (kept.Length < 2)
            return new TestResult(0, Math.Max(1, kept.Length - 1), 1);
        kept = kept[..^1];
        var v = Matrix<double>.Build.Dense(kept.Length, kept.Length, (i, j) => variance[kept[i], kept[j]]);
        var difference = Vector<double>.Build.Dense(kept.Length, i => Observed[kept[i]] - Expected[kept[i]]);
        double statistic = difference * v.PseudoInverse() * difference;
        return TestResult.ChiSquare(statistic, kept.Length);
    }
}
