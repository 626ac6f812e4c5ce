using Microtome.Learning;
using Microtome.Learning.Metrics;

namespace Microtome.Cohorts;

/// <summary>The quality of the patches of a type, or of all: means over patches and pooled counts, each with the 95 % interval over slides (percentile bootstrap).</summary>
public sealed record PatchFigures
{
    /// <summary>Draws of the bootstrap.</summary>
    public const int Draws = 1000;

    /// <summary>A figure with its interval; NaN bounds when all patches are of one slide.</summary>
    /// <param name="Value">The figure.</param>
    /// <param name="Low">2.5th percentile.</param>
    /// <param name="High">97.5th percentile.</param>
    public readonly record struct Figure(double Value, double Low, double High);

    /// <summary>The type; "all" for all patches.</summary>
    public required string Type { get; init; }

    /// <summary>Patches.</summary>
    public required int Patches { get; init; }

    /// <summary>Slides that they are from.</summary>
    public required int Slides { get; init; }

    /// <summary>The figures by name: dice, aji, f1, pq, det_f1 (means over patches) and the same with _pooled.</summary>
    public required IReadOnlyDictionary<string, Figure> Figures { get; init; }

    private static readonly (string Name, Func<NucleusScores, double> Value)[] s_objects =
    [
        ("aji", static s => s.Aji),
        ("f1", static s => s.F1),
        ("pq", static s => s.Pq),
        ("det_f1", static s => s.DetectionF1),
    ];

    /// <summary>Sums up patches; there is at least one.</summary>
    public static PatchFigures Of(string type, IReadOnlyList<PatchScore> patches, int seed)
    {
        string[] slides = [.. patches.Select(static p => p.Patch.Slide)];
        var figures = new Dictionary<string, Figure>(StringComparer.Ordinal);
        int[] all = [.. Enumerable.Range(0, patches.Count)];
        Add("dice", static p => p.Pixels, static s => s.Dice);
        foreach (var (name, value) in s_objects)
            Add(name, static p => p.Objects, value);
        return new PatchFigures { Type = type, Patches = patches.Count, Slides = slides.Distinct(StringComparer.Ordinal).Count(), Figures = figures };

        void Add(string name, Func<PatchScore, NucleusTally> tally, Func<NucleusScores, double> value)
        {
            double[] each = [.. patches.Select(p => value(tally(p).Scores))];
            figures[name] = With(items => items.Average(i => each[i]));
            figures[name + "_pooled"] = With(items => value(NucleusTally.Pool(items.Select(i => tally(patches[i]))).Scores));
        }

        Figure With(Func<IReadOnlyList<int>, double> figure)
        {
            // One slide says nothing about others.
            var (low, high) = slides.All(s => s == slides[0]) ? (double.NaN, double.NaN) : GroupedBootstrap.Interval(slides, figure, Draws, seed);
            return new Figure(figure(all), low, high);
        }
    }
}
