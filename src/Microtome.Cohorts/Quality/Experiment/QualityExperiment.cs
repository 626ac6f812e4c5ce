using System.Globalization;
using Microtome.Imaging;
using Microtome.Learning;
using Microtome.Pathology;

namespace Microtome.Cohorts;

/// <summary>
/// Experiment E3 of the nuclei data set (section 10): cohorts of 40 made slides of four types, a quarter of them spoiled, go through the analysis with the shipped network, the verdicts of the slide
/// level, and the patch level against the true masks.
/// </summary>
public static class QualityExperiment
{
    /// <summary>Slides of a cohort.</summary>
    public const int Slides = 40;

    /// <summary>Most patches of a slide.</summary>
    public const int PatchesPerSlide = 4;

    private const int Types = 4;

    // A quarter of 40.
    private static readonly SpoilKind[] s_spoiled =
    [
        SpoilKind.Blur, SpoilKind.Blur, SpoilKind.HalfBlur, SpoilKind.HalfBlur, SpoilKind.PixelSizeTwice, SpoilKind.PixelSizeTwice, SpoilKind.PixelSizeHalf, SpoilKind.Pen, SpoilKind.Pen, SpoilKind.Pen,
    ];

    /// <summary>Runs a cohort.</summary>
    /// <param name="seed">Seed of the cohort.</param>
    /// <param name="model">The network.</param>
    /// <param name="threads">Threads.</param>
    /// <param name="cancellation">Stops it.</param>
    public static IReadOnlyList<QualityExperimentSlide> Run(int seed, NucleusModel model, int threads, CancellationToken cancellation = default)
    {
        string root = Directory.CreateTempSubdirectory("microtome-quality-").FullName;
        try
        {
            return Run(root, seed, model, threads, cancellation);
        }
        finally
        {
            Directory.Delete(root, recursive: true);
        }
    }

    private static List<QualityExperimentSlide> Run(string root, int seed, NucleusModel model, int threads, CancellationToken cancellation)
    {
        var random = new Random(seed);
        var kinds = new SpoilKind[Slides];
        int[] order = [.. Enumerable.Range(0, Slides)];
        random.Shuffle(order);
        for (int i = 0; i < s_spoiled.Length; i++)
            kinds[order[i]] = s_spoiled[i];
        string output = Path.Combine(root, "results");
        var slides = new List<CohortSlide>();
        using (var analysis = new SlideAnalysis(new AnalysisSettings { Output = output, Threads = threads }, model, new Quiet()))
        {
            for (int i = 0; i < Slides; i++)
            {
                cancellation.ThrowIfCancellationRequested();
                var made = Make(i, kinds[i], seed);
                string path = Path.Combine(root, string.Create(CultureInfo.InvariantCulture, $"S{i + 1:00}.png"));
                ImageFile.WritePng(path, made.Picture);
                slides.Add(new CohortSlide(SlideName.Of(path), path, made.StatedMpp, SlideName.Of(path), string.Create(CultureInfo.InvariantCulture, $"T{(i % Types) + 1}")));
                analysis.Run(new SlideInput(path, made.StatedMpp), cancellation);
            }
        }

        var judgements = CohortQuality.Judge(QualityTable.Measurements(slides, output, Refuse));
        var scores = Patches(root, output, slides, kinds, seed, cancellation);
        return [.. slides.Select((slide, i) => new QualityExperimentSlide(slide.Name, kinds[i], judgements[i], [.. scores.Where(p => p.Patch.Slide == slide.Name)]))];
    }

    // What a person would draw is the truth, at the pixel size that the slide states.
    private static IReadOnlyList<PatchScore> Patches(string root, string output, List<CohortSlide> slides, SpoilKind[] kinds, int seed, CancellationToken cancellation)
    {
        var options = new PatchSampleOptions { PerType = Slides * PatchesPerSlide, MostPerSlide = PatchesPerSlide, Seed = seed };
        var queue = PatchSample.Fill(slides, output, Path.Combine(root, "patches"), options, Refuse, cancellation);
        foreach (var group in queue.Patches.GroupBy(static p => p.Slide, StringComparer.Ordinal))
        {
            int i = slides.FindIndex(s => s.Name == group.Key);
            var truth = Make(i, kinds[i], seed).Truth;
            foreach (var patch in group)
            {
                var mask = new Raster<int>(options.SidePixels, options.SidePixels);
                for (int y = 0; y < mask.Height; y++)
                {
                    for (int x = 0; x < mask.Width; x++)
                        mask[x, y] = truth[Math.Min(truth.Width - 1, (int)(patch.X + ((x + 0.5) * patch.Width / mask.Width))), Math.Min(truth.Height - 1, (int)(patch.Y + ((y + 0.5) * patch.Height / mask.Height)))];
                }

                LabelImage.Write(queue.Corrected(patch.Id), mask);
            }
        }

        return PatchScores.Of(queue, PatchBorderRule.Ignore, seed, static (_, reason) => throw new InvalidOperationException(reason)).Patches;
    }

    private static MadeSlide Make(int i, SpoilKind kind, int seed) => MadeSlide.Make(i % Types, kind, unchecked((seed * 1_000_003) + i));

    private static void Refuse(CohortSlide slide, string reason) => throw new InvalidOperationException(reason);

    private sealed class Quiet : IAnalysisLog, IProgress<WalkProgress>
    {
        public void Say(string line)
        {
        }

        public TResult Watch<TResult>(string what, Func<IProgress<WalkProgress>, TResult> run) => run(this);

        public void Report(WalkProgress value)
        {
        }
    }
}
