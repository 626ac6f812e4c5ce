namespace Microtome.Networks;

/// <summary>Decides, step by step, what to untie (arXiv 2110.03848: SWE-F, SWE-A, SWE-M).</summary>
public sealed class SharingSchedule(SharingOptions options)
{
    private readonly Dictionary<(int First, int Second), int> below = [];
    private int pairsBelow;

    /// <summary>Whether the correlations of this step are wanted.</summary>
    public bool Looks(long step) => options.Kind is SharingKind.Adaptive or SharingKind.MultiStep && step > 0 && step % options.CheckEvery == 0;

    /// <summary>Places to cut before the update of this step.</summary>
    /// <param name="step">Steps done.</param>
    /// <param name="layers">The layers.</param>
    /// <param name="correlations">Of neighbours in each group, if <see cref="Looks"/>; else null.</param>
    public IReadOnlyList<(int Group, int After)> Cuts(long step, SharedLayers layers, IReadOnlyList<double[]>? correlations)
    {
        bool all = options.Kind == SharingKind.Fixed && step >= options.UntieAt;
        if (correlations is not null && options.Kind == SharingKind.Adaptive)
        {
            double[] values = [.. correlations.SelectMany(static c => c)];
            pairsBelow = 2 * values.Count(c => c < options.Correlation) > values.Length ? pairsBelow + 1 : 0;
            all = pairsBelow >= options.Patience;
        }

        var every = layers.Groups.SelectMany(static (members, group) => Enumerable.Range(1, members.Length - 1).Select(after => (group, after))).ToList();
        if (all)
            return every;
        if (correlations is null || options.Kind != SharingKind.MultiStep)
            return [];
        var cuts = new List<(int, int)>();
        foreach (var (group, after) in every)
        {
            var pair = (layers.Groups[group][after - 1], layers.Groups[group][after]);
            below[pair] = correlations[group][after - 1] < options.Correlation ? below.GetValueOrDefault(pair) + 1 : 0;
            if (below[pair] >= options.Patience)
                cuts.Add((group, after));
        }

        return cuts;
    }

    /// <summary>What a checkpoint must hold.</summary>
    public string Save() => string.Join(' ', below.Select(static p => $"{p.Key.First}-{p.Key.Second}:{p.Value}").Prepend($"{pairsBelow}"));

    /// <summary>Goes on from what <see cref="Save"/> gave.</summary>
    public void Restore(string text)
    {
        string[] parts = text.Split(' ');
        pairsBelow = int.Parse(parts[0], System.Globalization.CultureInfo.InvariantCulture);
        foreach (string[] fields in parts.Skip(1).Select(static p => p.Split('-', ':')))
        {
            int[] numbers = Array.ConvertAll(fields, static f => int.Parse(f, System.Globalization.CultureInfo.InvariantCulture));
            below[(numbers[0], numbers[1])] = numbers[2];
        }
    }
}
