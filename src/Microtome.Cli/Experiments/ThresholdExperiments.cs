using Microtome.Pathology;
using Row = Microtome.Pathology.ThresholdExperiment.Row;

namespace Microtome.Cli;

/// <summary>Learning from thresholds as a table, a curve and findings.</summary>
internal static class ThresholdExperiments
{
    private const string Teacher = "teacher: M_old with people's thresholds", Old = "M_old, one threshold", Random = "semi, thresholds dealt at random";

    public static ExperimentResult Run(bool quick, int seed, CancellationToken cancellation)
    {
        const int worlds = 8;
        var features = ThresholdExperiment.Features(worlds, seed, cancellation: cancellation);
        int pictureWorlds = quick ? 1 : 3;
        var pictures = ThresholdExperiment.Pictures(pictureWorlds, seed, quick, cancellation);
        return new ExperimentResult
        {
            Setting = $"Numbers: {worlds} worlds of 8 types (60 slides each, 20 to learn from and 60 to test D to H on), patches of 8 numbers, perceptron 8-24-1. "
                + "Old system M_old: 2000 patches of type A by hand; manual: those and 300 each of B and C; people set a threshold for 7 groups a type, sigma (log-odds) off. One threshold a network: Youden on type A. "
                + $"Pictures: {pictureWorlds} such {(pictureWorlds == 1 ? "world" : "worlds")} of painted patches of 32 x 32 px{(quick ? ", a third of the slides" : ", 28 test slides a type")}, a network of four convolutions. "
                + $"Seed {seed}; half widths of 95 % intervals of the mean over worlds (Student).",
            Columns = ["F1, Youden cut", "F1, cut 0.5", "AUC", "label error", "Youden cut", "rho, super-patches"],
            Rows = [.. features.Select(static row => Line("numbers", row)), .. pictures.Select(static row => Line("pictures", row))],
            Findings = [.. Findings("numbers", features), .. Findings("pictures", pictures)],
            Pictures = [("f1-sigma-numbers.svg", Curve("Numbers: F1 on unseen slides of types D to H", features)), ("f1-sigma-pictures.svg", Curve("Pictures: F1 on unseen slides of types D to H", pictures))],
        };
    }

    private static ExperimentRow Line(string world, Row row) => new(
        double.IsNaN(row.Sigma) ? $"{world}: {row.Method}" : FormattableString.Invariant($"{world}: {row.Method}, sigma {row.Sigma}"),
        [Pair(row.F1), Pair(row.F1Half), Pair(row.Auc), Pair(row.LabelError), Pair(row.Cut), Pair(row.Spearman)]);

    private static (double Mean, double HalfWidth) Pair(ThresholdExperiment.Figure figure) => (figure.Value, figure.HalfWidth);

    private static string Curve(string title, IReadOnlyList<Row> rows) => LinePlot.Draw(title, "what people set wrong: sigma, log-odds", "F1", [.. rows.GroupBy(static r => r.Method).Select(static method =>
        (method.Key == Teacher ? "teacher (people's thresholds)" : method.Key == Random ? "semi, random thresholds" : method.Key,
        (IReadOnlyList<(double, double, double)>)[.. method.Select(static r => (double.IsNaN(r.Sigma) ? 0 : r.Sigma, r.F1.Value, r.F1.HalfWidth))]))]);

    // The six claims of the method page, each with what was measured. Differences are of pairs: the same world with two methods.
    private static IEnumerable<(string Expectation, bool Held)> Findings(string world, IReadOnlyList<Row> rows)
    {
        double[] sigmas = [.. rows.Where(static r => !double.IsNaN(r.Sigma)).Select(static r => r.Sigma).Distinct().Order()];
        Row Of(string method, double sigma = double.NaN) => rows.First(r => r.Method == method && (double.IsNaN(sigma) ? double.IsNaN(r.Sigma) : r.Sigma == sigma));
        var (old, manual, random) = (Of(Old), Of("manual"), Of(Random));
        double least = sigmas[0], most = sigmas[^1];
        Row mix = Of("mix", least), all = Of("all", least), semi = Of("semi", least);
        string N(double value) => FormattableString.Invariant($"{value:0.000}");
        string apart = old.F1OfSeeds.Count > 1 ? "intervals above 0" : "one world, no interval";
        (string, bool) Say(string text, bool held) => ($"{world}: {text}", held);

        yield return Say($"(i) F1 at sigma {least}: mix >= all > semi (means {N(mix.F1.Value)}, {N(all.F1.Value)}, {N(semi.F1.Value)})", mix.F1.Value >= all.F1.Value && all.F1.Value > semi.F1.Value);
        var gainManual = Gain(semi.F1OfSeeds, manual.F1OfSeeds);
        var gainOld = Gain(semi.F1OfSeeds, old.F1OfSeeds);
        yield return Say($"(i) semi beats manual and M_old at one threshold in F1 (by {Text(gainManual)} and {Text(gainOld)}, {apart})", Above(gainManual) && Above(gainOld));
        (string Name, ThresholdExperiment.Figure Gain)[] aucs = [.. new[] { semi, all, mix }.Select(r => (r.Method, Gain(r.AucOfSeeds, old.AucOfSeeds)))];
        yield return Say($"(ii) AUC of semi, all and mix is above that of M_old (by {string.Join(", ", aucs.Select(a => Text(a.Gain)))}, {apart})", aucs.All(static a => Above(a.Gain)));
        var control = Gain(random.F1OfSeeds, old.F1OfSeeds);
        yield return Say($"(iii) thresholds dealt at random take the gain of semi in F1 over M_old away ({Text(control)} instead of {Text(gainOld)}: less than half)", control.Value < gainOld.Value / 2 && gainOld.Value > 0);
        double[] ahead = [.. sigmas.Select(s => Gain(Of("mix", s).F1OfSeeds, Of(Teacher, s).F1OfSeeds).Value)];
        yield return Say($"(iv) mix beats the teacher in AUC at every sigma ({string.Join(", ", sigmas.Select(s => Text(Gain(Of("mix", s).AucOfSeeds, Of(Teacher, s).AucOfSeeds))))})",
            sigmas.All(s => Above(Gain(Of("mix", s).AucOfSeeds, Of(Teacher, s).AucOfSeeds))));
        int crossing = Array.FindIndex(ahead, static a => a > 0);
        yield return Say($"(iv) in F1 mix loses to the teacher at sigma {least} and wins at sigma {most} (mix - teacher: {string.Join(", ", sigmas.Select((s, i) => FormattableString.Invariant($"{ahead[i]:+0.000;-0.000} at {s}")))}; "
            + (crossing < 0 ? "no crossing" : crossing == 0 ? "ahead from the start" : FormattableString.Invariant($"crossing between {sigmas[crossing - 1]} and {sigmas[crossing]}"))
            + $"; with the cut 0.5 for mix: {string.Join(", ", sigmas.Select(s => FormattableString.Invariant($"{Gain(Of("mix", s).F1HalfOfSeeds, Of(Teacher, s).F1OfSeeds).Value:+0.000;-0.000} at {s}")))})", ahead[0] < 0 && ahead[^1] > 0);
        double[] cuts = [.. sigmas.Select(s => Gain(Of("semi", s).F1HalfOfSeeds, Of("semi", s).F1OfSeeds).Value)];
        yield return Say($"(v) for semi the Youden cut of type A is worse than a plain 0.5 in F1 (gain by 0.5: {string.Join(", ", cuts.Select(static c => FormattableString.Invariant($"{c:+0.000;-0.000}")))})", cuts.All(static c => c > 0));
        var rho = Gain(mix.SpearmanOfSeeds, old.SpearmanOfSeeds);
        yield return Say($"(vi) on super-patches the counts of mix agree better with raters than those of M_old (rho {N(mix.Spearman.Value)} against {N(old.Spearman.Value)}, difference {Text(rho)}, {apart})", Above(rho));

        static ThresholdExperiment.Figure Gain(IReadOnlyList<double> a, IReadOnlyList<double> b) => ThresholdExperiment.Mean(a.Zip(b, static (x, y) => x - y));
        static bool Above(ThresholdExperiment.Figure gain) => gain.Value - (double.IsNaN(gain.HalfWidth) ? 0 : gain.HalfWidth) > 0;
        static string Text(ThresholdExperiment.Figure gain) => double.IsNaN(gain.HalfWidth) ? FormattableString.Invariant($"{gain.Value:+0.000;-0.000}") : FormattableString.Invariant($"{gain.Value:+0.000;-0.000} ± {gain.HalfWidth:0.000}");
    }
}
