using Microtome.Imaging;

namespace Microtome.Pathology;

/// <summary>Experiments E1 and E2 of the method page (section 10): whether the alignment finds a known infiltration, and whether the place of lymphocytes says more than their number.</summary>
public static class TumorTilExperiment
{
    private const double Normal975 = 1.96;
    private const int Resamples = 400;

    private static readonly (string Name, Func<SyntheticTumor, PatchMap, PatchMap, double> Measure)[] Methods =
    [
        ("alignment with origins", static (_, tumor, til) => MapAlignment.Align(tumor, til).Statistics.PercentPositive ?? 0),
        ("alignment, origin ignored", static (_, tumor, til) => MapAlignment.Align(tumor with { Columns = tumor.Columns with { Start = 0 }, Rows = tumor.Rows with { Start = 0 } }, til).Statistics.PercentPositive ?? 0),
        ("centre lookup", static (_, tumor, til) => CentreLookup(tumor, til)),
        ("index overlay without rescaling", static (_, tumor, til) => IndexOverlay(tumor, til)),
        ("global TIL share", static (slide, _, _) => slide.TilShare),
    ];

    /// <summary>A figure with the half width of its 95 % interval.</summary>
    /// <param name="Value">The figure.</param>
    /// <param name="HalfWidth">Half width.</param>
    public readonly record struct Figure(double Value, double HalfWidth);

    /// <summary>A row of E1: mean absolute error and Spearman's correlation against the truth, with a common origin and with the tumor grid shifted.</summary>
    /// <param name="Method">What was done.</param>
    /// <param name="Error">Mean absolute error, common origin.</param>
    /// <param name="Correlation">Spearman's correlation, common origin.</param>
    /// <param name="ShiftedError">Mean absolute error, shifted.</param>
    /// <param name="ShiftedCorrelation">Spearman's correlation, shifted.</param>
    public sealed record AlignmentRow(string Method, Figure Error, Figure Correlation, Figure ShiftedError, Figure ShiftedCorrelation);

    /// <summary>A row of E2: how often a measure is found to matter for survival, and its concordance with it.</summary>
    /// <param name="Hazard">What the hazard depends on.</param>
    /// <param name="Measure">What was looked at.</param>
    /// <param name="Cox">Share of cohorts with a Cox p below 0.05.</param>
    /// <param name="LogRank">Share of cohorts with a log-rank p below 0.05, Low against High.</param>
    /// <param name="Concordance">Mean concordance.</param>
    public sealed record SurvivalRow(string Hazard, string Measure, Figure Cox, Figure LogRank, Figure Concordance);

    /// <summary>E1.</summary>
    /// <param name="slides">Slides.</param>
    /// <param name="seed">Seed.</param>
    /// <param name="cancellation">Stops it.</param>
    public static IReadOnlyList<AlignmentRow> Alignment(int slides, int seed, CancellationToken cancellation = default)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(slides, 3);
        double[] truth = new double[slides];
        double[,][] found = new double[Methods.Length, 2][];
        for (int m = 0; m < Methods.Length; m++)
            (found[m, 0], found[m, 1]) = (new double[slides], new double[slides]);
        var random = new Random(seed);
        for (int s = 0; s < slides; s++)
        {
            cancellation.ThrowIfCancellationRequested();
            var slide = new SyntheticTumor(random, random.Next(2, 6));
            slide.Scatter(random, 0.02 + (0.48 * random.NextDouble()), 0.02 + (0.48 * random.NextDouble()));
            slide.Clump(random, random.Next(0, 5));
            truth[s] = slide.InfiltratedShare;
            var til = slide.TilMap();
            var maps = (Common: slide.TumorMap(0, 0), Shifted: slide.TumorMap(random.Next(0, SyntheticTumor.TumorSide), random.Next(0, SyntheticTumor.TumorSide)));
            for (int m = 0; m < Methods.Length; m++)
            {
                found[m, 0][s] = Methods[m].Measure(slide, maps.Common, til);
                found[m, 1][s] = Methods[m].Measure(slide, maps.Shifted, til);
            }
        }

        return [.. Methods.Select((method, m) => new AlignmentRow(
            method.Name,
            Error(truth, found[m, 0]),
            Correlation(truth, found[m, 0], seed),
            Error(truth, found[m, 1]),
            Correlation(truth, found[m, 1], seed)))];
    }

    /// <summary>E2 and its reverse control.</summary>
    /// <param name="cohorts">Cohorts of 120 slides for each hazard.</param>
    /// <param name="seed">Seed.</param>
    /// <param name="cancellation">Stops it.</param>
    public static IReadOnlyList<SurvivalRow> Survival(int cohorts, int seed, CancellationToken cancellation = default)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(cohorts, 2);
        var random = new Random(seed);
        return [.. Rows(random, cohorts, byPlace: true, cancellation), .. Rows(random, cohorts, byPlace: false, cancellation)];
    }

    private static SurvivalRow[] Rows(Random random, int cohorts, bool byPlace, CancellationToken cancellation)
    {
        const int subjects = 120;
        string hazard = byPlace ? "hazard by the share of tumor infiltrated" : "hazard by the share of tissue (control)";
        double[,][] results = new double[2, 3][];
        for (int k = 0; k < 6; k++)
            results[k / 3, k % 3] = new double[cohorts];
        for (int c = 0; c < cohorts; c++)
        {
            cancellation.ThrowIfCancellationRequested();
            double[] place = new double[subjects], total = new double[subjects], risk = new double[subjects];
            for (int s = 0; s < subjects; s++)
            {
                var slide = new SyntheticTumor(random, 1);
                // By place: every slide has the same expected share of lymphocytes, half of them within the tumor, half around it. Control: both vary, independently.
                double inside = byPlace ? s % 2 == 0 ? 0.35 : 0.08 : 0.05 + (0.3 * random.NextDouble());
                double all = byPlace ? 0.2 : 0.13 + (0.27 * random.NextDouble());
                slide.Scatter(random, inside, (all - (slide.TumorShare * inside)) / (1 - slide.TumorShare));
                place[s] = MapAlignment.Align(slide.TumorMap(0, 0), slide.TilMap()).Statistics.PercentPositive ?? 0;
                total[s] = slide.TilShare;
                risk[s] = byPlace ? inside : all;
            }

            var data = Outcome(random, risk);
            Judge(data, place, results, 0, c);
            Judge(data, total, results, 1, c);
        }

        return [.. new[] { "percent_pos", "TIL/tissue" }.Select((measure, m) =>
            new SurvivalRow(hazard, measure, Mean(results[m, 0]), Mean(results[m, 1]), Mean(results[m, 2])))];
    }

    // Exponential times; a standard deviation more protects by a factor exp(-0.5). About half are censored.
    private static SurvivalData Outcome(Random random, double[] protection)
    {
        double mean = protection.Average(), deviation = Math.Sqrt(protection.Average(p => (p - mean) * (p - mean)));
        double[] times = new double[protection.Length];
        bool[] events = new bool[protection.Length];
        for (int i = 0; i < times.Length; i++)
        {
            double happens = -Math.Log(1 - random.NextDouble()) * Math.Exp(0.5 * (protection[i] - mean) / deviation);
            double ends = 0.2 + (1.3 * random.NextDouble());
            (times[i], events[i]) = (Math.Min(happens, ends), happens <= ends);
        }

        return new SurvivalData(times, events);
    }

    private static void Judge(SurvivalData data, double[] measure, double[,][] results, int row, int cohort)
    {
        var fit = CoxRegression.Fit(data, ["measure"], [measure]);
        double mean = measure.Average();
        var test = new LogRankTest(data, [.. measure.Select(m => m <= mean ? 0 : 1)], 2);
        results[row, 0][cohort] = fit.Coefficients[0].P < 0.05 ? 1 : 0;
        results[row, 1][cohort] = test.Result.P < 0.05 ? 1 : 0;
        results[row, 2][cohort] = SurvivalConcordance.Of(data, [.. measure.Select(static m => -m)]) ?? 0.5;
    }

    private static double CentreLookup(PatchMap tumor, PatchMap til)
    {
        int inTumor = 0, both = 0;
        for (int y = 0; y < til.Values.Height; y++)
        {
            int row = (int)Math.Floor((til.Rows.Edge(y) + (til.Rows.Step / 2) - tumor.Rows.Start) / tumor.Rows.Step);
            for (int x = 0; x < til.Values.Width; x++)
            {
                int column = (int)Math.Floor((til.Columns.Edge(x) + (til.Columns.Step / 2) - tumor.Columns.Start) / tumor.Columns.Step);
                if ((uint)column >= (uint)tumor.Values.Width || (uint)row >= (uint)tumor.Values.Height || tumor.Values[column, row] < 0.5f)
                    continue;
                inTumor++;
                both += til.Values[x, y] >= 0.5f ? 1 : 0;
            }
        }

        return inTumor == 0 ? 0 : (double)both / inTumor;
    }

    private static double IndexOverlay(PatchMap tumor, PatchMap til)
    {
        int cells = 0, both = 0;
        for (int y = 0; y < tumor.Values.Height; y++)
        {
            for (int x = 0; x < tumor.Values.Width; x++)
            {
                if (tumor.Values[x, y] < 0.5f)
                    continue;
                cells++;
                both += til.Values[x, y] >= 0.5f ? 1 : 0;
            }
        }

        return cells == 0 ? 0 : (double)both / cells;
    }

    private static Figure Error(double[] truth, double[] found) => Mean([.. truth.Zip(found, static (t, f) => Math.Abs(t - f))]);

    private static Figure Mean(double[] values)
    {
        double mean = values.Average(), variance = values.Sum(v => (v - mean) * (v - mean)) / (values.Length - 1);
        return new Figure(mean, Normal975 * Math.Sqrt(variance / values.Length));
    }

    // The interval of a correlation: half of what the middle 95 % of resampled slides span.
    private static Figure Correlation(double[] truth, double[] found, int seed)
    {
        var random = new Random(seed);
        double[] resampled = new double[Resamples];
        for (int r = 0; r < Resamples; r++)
        {
            int[] drawn = [.. Enumerable.Range(0, truth.Length).Select(_ => random.Next(truth.Length))];
            resampled[r] = Spearman([.. drawn.Select(i => truth[i])], [.. drawn.Select(i => found[i])]);
        }

        Array.Sort(resampled);
        return new Figure(Spearman(truth, found), (resampled[(int)(Resamples * 0.975)] - resampled[(int)(Resamples * 0.025)]) / 2);
    }

    private static double Spearman(double[] a, double[] b)
    {
        double[] x = FactorTests.Ranks(a, out _), y = FactorTests.Ranks(b, out _);
        double mean = (a.Length + 1) / 2.0, xy = 0, xx = 0, yy = 0;
        for (int i = 0; i < x.Length; i++)
        {
            xy += (x[i] - mean) * (y[i] - mean);
            xx += (x[i] - mean) * (x[i] - mean);
            yy += (y[i] - mean) * (y[i] - mean);
        }

        return xx > 0 && yy > 0 ? xy / Math.Sqrt(xx * yy) : 0;
    }
}
