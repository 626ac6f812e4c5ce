namespace Microtome.Learning.Metrics;

/// <summary>Intervals for figures over patients: whole patients are drawn with replacement, since patches of one patient are alike (percentile bootstrap, Efron and Tibshirani 1993, chapter 13).</summary>
public static class GroupedBootstrap
{
    /// <summary>The 95 % interval of a figure.</summary>
    /// <param name="groups">The patient of each item.</param>
    /// <param name="figure">The figure over some items, given by their indices (an item may occur several times). Draws where it is not a number are left out.</param>
    /// <param name="draws">How many draws.</param>
    /// <param name="seed">Of the draws.</param>
    /// <returns>The 2.5th and 97.5th percentile; NaN when no draw gives a number.</returns>
    public static (double Low, double High) Interval(IReadOnlyList<string> groups, Func<IReadOnlyList<int>, double> figure, int draws = 1000, int seed = 1)
    {
        var members = groups.Select(static (group, i) => (group, i)).GroupBy(static pair => pair.group, static pair => pair.i, StringComparer.Ordinal)
            .OrderBy(static g => g.Key, StringComparer.Ordinal).Select(static g => g.ToArray()).ToArray();
        var values = new double[draws];
        Parallel.For(0, draws, draw =>
        {
            var random = new Random(unchecked((seed * 1_000_003) + draw));
            var items = new List<int>(groups.Count);
            for (var i = 0; i < members.Length; i++)
                items.AddRange(members[random.Next(members.Length)]);
            values[draw] = figure(items);
        });
        var sorted = values.Where(static v => !double.IsNaN(v)).Order().ToArray();
        return sorted.Length == 0 ? (double.NaN, double.NaN) : (sorted[(int)(0.025 * (sorted.Length - 1))], sorted[(int)Math.Ceiling(0.975 * (sorted.Length - 1))]);
    }
}
