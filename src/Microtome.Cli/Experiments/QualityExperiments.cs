using Microtome.Cohorts;
using Microtome.Imaging;
using Microtome.Learning.Metrics;
using Microtome.Pathology;

namespace Microtome.Cli;

/// <summary>E3 of the nuclei data set as one table: what each level of quality control finds.</summary>
internal static class QualityExperiments
{
    /// <summary>A patch with less Dice or AJI is called bad: about 5 % of the clean patches of the seeds that chose settings. Those seeds lie below <see cref="FirstReported"/>.</summary>
    private const double BadDice = 0.94;

    private const double BadAji = 0.8;

    /// <summary>Seeds from here on are reported; those below chose settings.</summary>
    private const int FirstReported = 1000;

    private const int QuickCohorts = 1;
    private const int FullCohorts = 5;
    private const double None = double.NaN;

    public static ExperimentResult Run(bool quick, int seed, CancellationToken cancellation)
    {
        int cohorts = quick ? QuickCohorts : FullCohorts, threads = Environment.ProcessorCount;
        var model = NucleusModels.Open("nuclei", "cpu", threads, workers: Math.Min(threads, 4));
        var slides = Enumerable.Range(0, cohorts).SelectMany(c => QualityExperiment.Run(FirstReported + (seed * FullCohorts) + c, model, threads, cancellation).Select(s => (Cohort: c, Slide: s))).ToArray();
        // A slide of which no patch could be cut says nothing at the patch level.
        string[] groups = [.. slides.Select(static s => $"{s.Cohort}/{s.Slide.Slide}")];
        int[] spoiled = [.. slides.Select(static s => s.Slide.Spoiled ? 1 : 0)];
        double[] score = [.. slides.Select(static s => s.Slide.Judgement.Score)];
        double[] first = First(static p => p.Dice), firstAji = First(static p => p.Aji), dice = Means(static p => p.Dice), aji = Means(static p => p.Aji);
        bool[] bad = [.. slides.Select(static s => s.Slide.Judgement.Verdict == SlideVerdict.Bad)], odd = [.. slides.Select(static s => s.Slide.Judgement.Verdict != SlideVerdict.Good)];
        bool[] patchBad = [.. first.Select(static d => d < BadDice)], ajiBad = [.. firstAji.Select(static d => d < BadAji)], patchesBad = [.. dice.Select(static d => d < BadDice)], patchesAjiBad = [.. aji.Select(static d => d < BadAji)];
        var slideAuc = Auc(score);
        var difference = Figure(items => AucOf(items, score) - AucOf(items, [.. first.Select(Worse)]));
        var (rhoDice, rhoAji) = (Rho(dice), Rho(aji));
        var missed = Figure(items => Share(items, i => spoiled[i] == 1 && !patchBad[i], i => bad[i]));
        var kinds = Enum.GetValues<SpoilKind>().Select(k => (Kind: k, Slide: Share([.. Enumerable.Range(0, slides.Length)], i => slides[i].Slide.Kind == k, i => bad[i]), Odd: Share([.. Enumerable.Range(0, slides.Length)], i => slides[i].Slide.Kind == k, i => odd[i]), Patch: Share([.. Enumerable.Range(0, slides.Length)], i => slides[i].Slide.Kind == k, i => patchBad[i]), Dice: MeanOf(k, dice), Aji: MeanOf(k, aji)));
        return new ExperimentResult
        {
            Setting = $"{cohorts} x {QualityExperiment.Slides} made slides of {QualityExperiment.Slides / 4} per type and 0.09 mm2, a quarter spoiled (blur, blur of one half, pixel size twice or half the true one, pen), through the whole analysis with the shipped network; seeds {FirstReported + (seed * FullCohorts)} to {FirstReported + (seed * FullCohorts) + cohorts - 1}. "
                + $"Verdicts do not see the truth; patches of 100 um are held against the true masks, up to {QualityExperiment.PatchesPerSlide} a slide, bad below a Dice of {BadDice} (or an AJI of {BadAji}). All limits were chosen on seeds below {FirstReported}. Half widths of 95 % intervals over slides (1000 draws).",
            Columns = ["AUC", "spoiled found", "false alarms", "rank correlation with Dice", "rank correlation with AJI", "mean Dice", "mean AJI"],
            Rows =
            [
                new("slide level: bad", [slideAuc, Rate(bad, 1), Rate(bad, 0), rhoDice, rhoAji, (None, 0), (None, 0)]),
                new("slide level: not good", [slideAuc, Rate(odd, 1), Rate(odd, 0), (None, 0), (None, 0), (None, 0), (None, 0)]),
                Patch("1 patch a slide: Dice", first, patchBad),
                Patch("1 patch a slide: AJI", firstAji, ajiBad),
                Patch($"up to {QualityExperiment.PatchesPerSlide} patches a slide: Dice", dice, patchesBad),
                Patch($"up to {QualityExperiment.PatchesPerSlide} patches a slide: AJI", aji, patchesAjiBad),
                new("slide level minus 1 patch a slide (Dice)", [difference, (None, 0), (None, 0), (None, 0), (None, 0), (None, 0), (None, 0)]),
                .. kinds.Select(k => new ExperimentRow($"{Words(k.Kind)} ({slides.Count(s => s.Slide.Kind == k.Kind)}): called bad by the slide level", [(None, 0), k.Kind == SpoilKind.None ? (None, 0) : (k.Slide, None), k.Kind == SpoilKind.None ? (k.Slide, None) : (None, 0), (None, 0), (None, 0), (k.Dice, None), (k.Aji, None)])),
                .. kinds.Select(k => new ExperimentRow($"{Words(k.Kind)}: called bad by 1 patch", [(None, 0), k.Kind == SpoilKind.None ? (None, 0) : (k.Patch, None), k.Kind == SpoilKind.None ? (k.Patch, None) : (None, 0), (None, 0), (None, 0), (None, 0), (None, 0)])),
            ],
            Pictures = [("slides.csv", "cohort,slide,type,done,verdict,score,causes,patches,dice_first,aji_first,dice,aji\n" + string.Concat(slides.Select((s, i) => FormattableString.Invariant($"{s.Cohort + 1},{s.Slide.Slide},{s.Slide.Judgement.Slide.Type},{Words(s.Slide.Kind)},{QualityWords.Of(s.Slide.Judgement.Verdict)},{score[i]},{string.Join("; ", s.Slide.Judgement.Causes.Select(QualityWords.Of))},{s.Slide.Patches.Count},{first[i]:0.####},{firstAji[i]:0.####},{dice[i]:0.####},{aji[i]:0.####}\n"))))],
            Findings =
            [
                ("the verdict of the slide level separates spoiled from clean slides: AUC > 0.8 with its interval", slideAuc.Mean - slideAuc.HalfWidth > 0.8),
                ("the verdict and the patches agree: rank correlation of the score with patch Dice clearly above 0 (interval above 0)", rhoDice.Mean - rhoDice.HalfWidth > 0),
                ("the same with AJI", rhoAji.Mean - rhoAji.HalfWidth > 0),
                (FormattableString.Invariant($"two levels are needed: of the spoiled slides that one patch a slide misses, the slide level calls more than half bad ({missed.Mean:0.00} ± {missed.HalfWidth:0.00}, {Enumerable.Range(0, slides.Length).Count(i => spoiled[i] == 1 && !patchBad[i])} missed)"), missed.Mean > 0.5),
                (FormattableString.Invariant($"the slide level separates better than one patch a slide (difference of AUC {difference.Mean:0.000} ± {difference.HalfWidth:0.000}, interval above 0)"), difference.Mean - difference.HalfWidth > 0),
            ],
        };

        ExperimentRow Patch(string name, double[] values, bool[] called) => new("patch level, " + name, [Auc([.. values.Select(Worse)]), Rate(called, 1), Rate(called, 0), (None, 0), (None, 0), (None, 0), (None, 0)]);

        double[] First(Func<PatchScore, double> value) => [.. slides.Select(s => s.Slide.Patches.Count == 0 ? None : value(s.Slide.Patches[0]))];

        double[] Means(Func<PatchScore, double> value) => [.. slides.Select(s => s.Slide.Patches.Count == 0 ? None : s.Slide.Patches.Average(value))];

        // The worse, the higher; a slide without a patch counts as one that nobody objects to.
        static double Worse(double dice) => double.IsNaN(dice) ? -1 : -dice;

        double AucOf(IReadOnlyList<int> items, double[] values) => BinaryScores.AreaUnderCurve([.. items.Select(i => values[i])], [.. items.Select(i => spoiled[i])]);

        (double Mean, double HalfWidth) Auc(double[] values) => Figure(items => AucOf(items, values));

        (double Mean, double HalfWidth) Rho(double[] quality) => Figure(items =>
        {
            int[] known = [.. items.Where(i => !double.IsNaN(quality[i]))];
            return RankCorrelation.Spearman([.. known.Select(i => -score[i])], [.. known.Select(i => quality[i])]);
        });

        (double Mean, double HalfWidth) Rate(bool[] called, int truth) => Figure(items => Share(items, i => spoiled[i] == truth, i => called[i]));

        static double Share(IReadOnlyList<int> items, Func<int, bool> among, Func<int, bool> called)
        {
            int[] chosen = [.. items.Where(among)];
            return chosen.Length == 0 ? None : chosen.Count(called) / (double)chosen.Length;
        }

        double MeanOf(SpoilKind kind, double[] values)
        {
            double[] own = [.. values.Where((v, i) => slides[i].Slide.Kind == kind && !double.IsNaN(v))];
            return own.Length == 0 ? None : own.Average();
        }

        (double Mean, double HalfWidth) Figure(Func<IReadOnlyList<int>, double> figure)
        {
            var (low, high) = GroupedBootstrap.Interval(groups, figure, 1000, seed + 1);
            return (figure([.. Enumerable.Range(0, slides.Length)]), (high - low) / 2);
        }
    }

    private static string Words(SpoilKind kind) => kind switch
    {
        SpoilKind.None => "clean",
        SpoilKind.Blur => "blur",
        SpoilKind.HalfBlur => "blur of one half",
        SpoilKind.PixelSizeTwice => "mpp twice",
        SpoilKind.PixelSizeHalf => "mpp half",
        _ => "pen",
    };
}
