using Microtome.Imaging;
using Microtome.Pathology;

namespace Microtome.Cli;

/// <summary>Experiments E1 to E4 of the tumor and lymphocyte maps as one table.</summary>
internal static class TumorTilExperiments
{
    private const double None = double.NaN;

    // Decoded from the published maps by the method page (section 6.1): classes 0, 252, 253, 254, 255.
    private static readonly (string Slide, CombinedMapCounts Counts)[] Published =
    [
        ("TCGA-3C-AALI-01Z-00-DX1", new(95861, 2277, 1316, 27804, 60602)),
        ("TCGA-3C-AALJ-01Z-00-DX1", new(59502, 1364, 1263, 58139, 85750)),
        ("TCGA-3C-AALK-01Z-00-DX1", new(105420, 1248, 4134, 16092, 68199)),
        ("TCGA-4H-AAAK-01Z-00-DX1", new(76195, 123, 36, 57752, 11346)),
    ];

    public static ExperimentResult Run(bool quick, int seed, CancellationToken cancellation)
    {
        var (slides, cohorts) = quick ? (50, 40) : (400, 400);
        var alignment = TumorTilExperiment.Alignment(slides, seed, cancellation);
        var survival = TumorTilExperiment.Survival(cohorts, seed, cancellation);
        var maps = Published.Select(static p => (p.Slide, Expected: p.Counts, Counts: Decode(p.Slide))).ToArray();
        ZooCompatibility.Comparison[] zoo = [ZooCompatibility.Run("til", 0.499), ZooCompatibility.Run("tumor", 0.2325)];
        var (full, ignored, centre, index, global) = (alignment[0], alignment[1], alignment[2], alignment[3], alignment[4]);
        return new ExperimentResult
        {
            Setting = $"E1: {slides} synthetic slides of 4.2 x 3.15 mm, truth = share of tumor cells in lymphocyte patches; mean absolute error (MAE) and Spearman's rho, tumor grid with the same origin | shifted by 0 to 75 um. "
                + $"E2: {cohorts} cohorts of 120 slides for each hazard; share of cohorts with p < 0.05 and Harrell's concordance. E3: four published maps, share of tumor pixels with lymphocytes. "
                + $"E4: tiny models in the WSInfer zoo's layout on the bundled slide, two classes at 0.499 um per pixel ({zoo[0].Patches} patches) and one class at 0.2325 ({zoo[1].Patches}), largest difference to WSInfer's loop in Python. Seed {seed}. "
                + "Half widths of 95 % intervals: over slides (MAE), resampled slides (rho), over cohorts (E2).",
            Columns = ["MAE", "rho", "MAE, shifted", "rho, shifted", "Cox p < 0.05", "log-rank p < 0.05", "concordance", "tumor infiltrated", "difference"],
            Rows =
            [
                .. alignment.Select(static r => new ExperimentRow($"E1 {r.Method}", Pad(0, Pair(r.Error), Pair(r.Correlation), Pair(r.ShiftedError), Pair(r.ShiftedCorrelation)))),
                .. survival.Select(static r => new ExperimentRow($"E2 {r.Hazard}: {r.Measure}", Pad(4, Pair(r.Cox), Pair(r.LogRank), Pair(r.Concordance)))),
                .. maps.Select(static m => new ExperimentRow($"E3 {m.Slide}", Pad(7, (m.Counts?.InfiltratedShare ?? None, 0)))),
                .. zoo.Select(static z => new ExperimentRow($"E4 zoo model: {z.Name}", Pad(8, (z.Difference, 0)))),
            ],
            Findings =
            [
                ("E1: alignment, alignment without origins and centre lookup come close to the truth on a common origin (MAE < 0.01, rho > 0.99)",
                    new[] { full, ignored, centre }.All(static r => r.Error.Value < 0.01 && r.Correlation.Value > 0.99)),
                ("E1: on shifted grids the origin matters (MAE is larger without it, intervals apart)",
                    ignored.ShiftedError.Value - ignored.ShiftedError.HalfWidth > full.ShiftedError.Value + full.ShiftedError.HalfWidth),
                ("E1: index overlay without rescaling is useless (MAE > 0.1)", index.Error.Value > 0.1 && index.ShiftedError.Value > 0.1),
                ("E1: the global TIL share does not tell the infiltration of tumor (MAE > 0.1)", global.Error.Value > 0.1),
                ("E2: with equal totals percent_pos is found to matter (in > 80 % of cohorts) and TIL/tissue is not (< 20 %)", survival[0].Cox.Value > 0.8 && survival[1].Cox.Value < 0.2),
                ("E2 control: when the total matters, TIL/tissue is found to matter (> 80 %) and percent_pos is not (< 20 %)", survival[3].Cox.Value > 0.8 && survival[2].Cox.Value < 0.2),
                ("E4: zoo models dropped in give the probabilities of WSInfer's loop (to 2e-6): softmax of two classes, sigmoid of one", zoo.All(static z => z.Patches > 10 && z.Difference < 2e-6)),
                ("E4: the same columns and patch sizes (376 px for 87.5 um at 0.2325), and config.json survives reading and writing", zoo.All(static z => z.SameTable && z.ConfigReturns)),
                ("E3: every class of the four published maps has exactly the published number of pixels", maps.All(static m => m.Counts == m.Expected)),
            ],
        };
    }

    private static CombinedMapCounts? Decode(string slide)
    {
        string path = Installation.PathOf("samples", "tumor-til", $"{slide}.png");
        if (!File.Exists(path))
            throw new SlideException($"{path}: the bundled map is not there. Restore it: git checkout -- samples");
        return CombinedMap.Read(path).Count();
    }

    private static (double Mean, double HalfWidth) Pair(TumorTilExperiment.Figure figure) => (figure.Value, figure.HalfWidth);

    private static (double Mean, double HalfWidth)[] Pad(int before, params ReadOnlySpan<(double Mean, double HalfWidth)> values)
    {
        (double, double)[] row = new (double, double)[9];
        Array.Fill(row, (None, 0));
        for (int i = 0; i < values.Length; i++)
            row[before + i] = values[i];
        return row;
    }
}
