namespace Microtome.Pathology;

/// <summary>Learning from thresholds in two made-up worlds (til-thresholds, section 10).</summary>
public static class ThresholdExperiment
{
    /// <summary>A figure over seeds: mean and half width of the 95 % interval of the mean (Student's t).</summary>
    /// <param name="Value">Mean.</param>
    /// <param name="HalfWidth">Half width; NaN with one seed.</param>
    public readonly record struct Figure(double Value, double HalfWidth);

    /// <summary>A method over all seeds.</summary>
    /// <param name="Method">What was done.</param>
    /// <param name="Sigma">What people set wrong, log-odds; NaN where nobody sets anything.</param>
    /// <param name="F1">At the Youden cut of the first type (the teacher: at its groups' thresholds).</param>
    /// <param name="F1Half">At one half.</param>
    /// <param name="Auc">Area under the ROC curve.</param>
    /// <param name="LabelError">Share of wrong labels that were trained from (the teacher: on the test slides).</param>
    /// <param name="Cut">The Youden cut.</param>
    /// <param name="Spearman">Counts on super-patches against raters.</param>
    public sealed record Row(string Method, double Sigma, Figure F1, Figure F1Half, Figure Auc, Figure LabelError, Figure Cut, Figure Spearman)
    {
        /// <summary>F1 of each seed.</summary>
        public required IReadOnlyList<double> F1OfSeeds { get; init; }

        /// <summary>Area under the ROC curve of each seed.</summary>
        public required IReadOnlyList<double> AucOfSeeds { get; init; }

        /// <summary>F1 at one half of each seed.</summary>
        public required IReadOnlyList<double> F1HalfOfSeeds { get; init; }

        /// <summary>Spearman's rho of each seed.</summary>
        public required IReadOnlyList<double> SpearmanOfSeeds { get; init; }
    }

    // Student's 97.5 % quantiles for 1 to 9 degrees of freedom.
    private static readonly double[] Student = [12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262];

    /// <summary>Patches of eight numbers and a small perceptron: seconds.</summary>
    /// <param name="seeds">Worlds.</param>
    /// <param name="seed">The first world.</param>
    /// <param name="small">A tenth of the slides, for tests.</param>
    /// <param name="cancellation">Stops it.</param>
    public static IReadOnlyList<Row> Features(int seeds, int seed, bool small = false, CancellationToken cancellation = default)
    {
        var options = small ? new ThresholdStudyOptions { Slides = 14, TestSlides = 14, ManualFirst = 600, ManualOther = 100, Validation = 300, SuperPatches = 4, Sigmas = [0, 1.5] } : new ThresholdStudyOptions();
        var worlds = new IReadOnlyList<ThresholdStudyRow>[seeds];
        Parallel.For(0, seeds, new ParallelOptions { CancellationToken = cancellation }, s => worlds[s] = new ThresholdStudy<double[]>(new EvidenceWorld(seed + s), new SmallPerceptron(), options, seed + s).Run(cancellation));
        return Summarise(worlds);
    }

    /// <summary>Made-up pictures of 32 px and a small convolution network: minutes.</summary>
    /// <param name="seeds">Worlds.</param>
    /// <param name="seed">The first world.</param>
    /// <param name="quick">Fewer slides and one sigma beside 0.</param>
    /// <param name="cancellation">Stops it.</param>
    public static IReadOnlyList<Row> Pictures(int seeds, int seed, bool quick, CancellationToken cancellation = default)
    {
        var options = quick
            ? new ThresholdStudyOptions { Slides = 21, TestSlides = 14, Judged = 40, PerSlide = 12, ManualFirst = 800, ManualOther = 120, Validation = 400, SuperPatches = 6, Sigmas = [0, 1.5] }
            : new ThresholdStudyOptions { TestSlides = 28, SuperPatches = 12 };
        var worlds = new IReadOnlyList<ThresholdStudyRow>[seeds];
        for (int s = 0; s < seeds; s++)
            worlds[s] = new ThresholdStudy<byte[]>(new PictureWorld(seed + s), new SmallConvolutionNet(epochs: 3), options, seed + s).Run(cancellation);
        return Summarise(worlds);
    }

    /// <summary>Mean and half width of the 95 % interval over seeds; values that are no number are left out.</summary>
    public static Figure Mean(IEnumerable<double> values)
    {
        double[] known = [.. values.Where(static v => !double.IsNaN(v))];
        if (known.Length == 0)
            return new Figure(double.NaN, double.NaN);
        double mean = known.Average();
        if (known.Length == 1)
            return new Figure(mean, double.NaN);
        double deviation = Math.Sqrt(known.Sum(v => (v - mean) * (v - mean)) / (known.Length - 1));
        return new Figure(mean, (known.Length - 2 < Student.Length ? Student[known.Length - 2] : 1.96) * deviation / Math.Sqrt(known.Length));
    }

    private static Row[] Summarise(IReadOnlyList<ThresholdStudyRow>[] worlds) => [.. worlds[0].Select((first, i) =>
    {
        double[] Of(Func<ThresholdStudyRow, double> figure) => [.. worlds.Select(w => figure(w[i]))];
        double[] f1 = Of(static r => r.F1), half = Of(static r => r.F1Half), auc = Of(static r => r.Auc), rho = Of(static r => r.Spearman);
        return new Row(first.Method, first.Sigma, Mean(f1), Mean(half), Mean(auc), Mean(Of(static r => r.LabelError)), Mean(Of(static r => r.Cut)), Mean(rho))
        {
            F1OfSeeds = f1,
            AucOfSeeds = auc,
            F1HalfOfSeeds = half,
            SpearmanOfSeeds = rho,
        };
    })];
}
