namespace Microtome.Cli;

/// <summary>A claim that can be tried here. To add one: write its function and add it to <see cref="All"/>.</summary>
/// <param name="Name">What <c>experiment run</c> calls it.</param>
/// <param name="Claim">What must come out, and where the claim is from.</param>
/// <param name="Run">Runs it.</param>
internal sealed record Experiment(string Name, string Claim, Func<ExperimentRequest, CancellationToken, ExperimentResult> Run)
{
    /// <summary>Every experiment.</summary>
    public static IReadOnlyList<Experiment> All { get; } =
    [
        new(
            "nuclei-postprocessing",
            "Post-processing alone decides how many nuclei are found: seeds beat components, recall adds, and two mistakes of the published code ruin AJI and Dice (Hou et al. 2020, section 10 E1).",
            static (r, c) => NucleusPostprocessing(r.Quick, r.Seed, c)),
        new(
            "tumor-til",
            "Exact alignment of two patch maps finds how much of the tumor is infiltrated; where lymphocytes lie says more than how many there are (Le et al. 2020, section 10).",
            static (r, c) => TumorTilExperiments.Run(r.Quick, r.Seed, c)),
        new(
            "til-thresholds",
            "Maps that people thresholded group by group teach one network with one threshold for all types; whether it beats the people depends on how well they set thresholds (Abousamra et al. 2019, section 10).",
            static (r, c) => ThresholdExperiments.Run(r.Quick, r.Seed, c)),
        new(
            "nuclei-quality",
            "Slides that are blurred, marked by pens or of a wrong pixel size are found by the slide level of quality control, also where one patch a slide looks fine: the reason for two levels (Hou et al. 2020, section 10 E3).",
            static (r, c) => QualityExperiments.Run(r.Quick, r.Seed, c)),
        new(
            "share-then-unshare",
            "Layers that hold their weights in common for the first tenth of the training end with a lower loss than layers that never do, at the same number of steps; held in common to the end, they end worse (Yang et al. 2021).",
            SharingExperiments.Run),
        new(
            "talking-heads",
            "Many narrow heads attend badly until small matrices mix their scores and weights (Shazeer et al. 2020).",
            TalkingHeadsExperiments.Run),
        new(
            "spark",
            "A feed-forward part whose gate sees half of the input and keeps 8 % of its units learns almost as well as a dense one, and better than one that keeps the largest units alone (You et al. 2025).",
            SparkExperiments.Run),
    ];

    private static ExperimentResult NucleusPostprocessing(bool quick, int seed, CancellationToken cancellation)
    {
        var images = quick ? 20 : 200;
        var rows = Pathology.NucleusPostprocessingExperiment.Run(images, seed, cancellation);
        var (a, b, c, d) = (rows[0], rows[1], rows[2], rows[3]);
        return new ExperimentResult
        {
            Setting = $"{images} synthetic images of 256 x 256 px, seed {seed}; ideal maps with 15 % of the centres missed, 10 % false. Mean and half width of the 95 % interval over images.",
            Columns = ["object F1", "AJI", "Dice"],
            Rows = [.. rows.Select(static r => new ExperimentRow(r.Variant, [(r.F1, r.F1Interval), (r.Aji, r.AjiInterval), (r.Dice, r.DiceInterval)]))],
            Findings =
            [
                ("F1: d >= c > b > a", d.F1 >= c.F1 && c.F1 > b.F1 && b.F1 > a.F1),
                ("AJI: d > a", d.Aji > a.Aji),
                ("Dice of b and c is ruined (below 0.6)", b.Dice < 0.6 && c.Dice < 0.6),
                ("Dice cannot tell a from d (within 0.02)", Math.Abs(a.Dice - d.Dice) < 0.02),
                ("compactness hardly matters (F1 of d and e within 0.02)", Math.Abs(d.F1 - rows[4].F1) < 0.02),
            ],
        };
    }
}
