using Microtome.Imaging;
using Microtome.Learning;
using Microtome.Pathology;

namespace Microtome.Cohorts.Tests;

/// <summary>Five synthetic slides of two types and four patients, analysed once with a network that knows their nuclei by colour.</summary>
public sealed class AnalysedCohort : IDisposable
{
    public AnalysedCohort()
    {
        Output = Directory.CreateTempSubdirectory("cohort 队列 ").FullName;
        var model = new NucleusModel("colour", "0123456789abcdef", 0.25, new NucleusPostprocessingOptions(), NetworkPrecision.Float32, 1, static () => new ColourNetwork());
        using var analysis = new SlideAnalysis(new AnalysisSettings { Output = Output, Threads = 2 }, model, new Quiet());
        foreach (var slide in Slides)
            analysis.Run(new SlideInput(slide.Path), CancellationToken.None);
    }

    /// <summary>Where the results lie.</summary>
    public string Output { get; }

    public IReadOnlyList<CohortSlide> Slides { get; } =
    [
        Make(2600, 2200, "P1", "BRCA"),
        Make(2610, 2200, "P1", "BRCA"),
        Make(2620, 2200, "P2", "BRCA"),
        Make(2630, 2200, "P3", "UVM"),
        Make(1000, 900, "P4", "UVM"),
    ];

    public void Dispose() => Directory.Delete(Output, true);

    private static CohortSlide Make(int width, int height, string patient, string type) =>
        new(FormattableString.Invariant($"synthetic-{width}x{height}"), FormattableString.Invariant($"synthetic:{width}x{height}?tissue=0.6"), null, patient, type);

    private sealed class ColourNetwork : ITileNetwork
    {
        public string Name => "colour";

        public double Mpp => 0.25;

        public int WindowMultiple => 32;

        public int Halo => 64;

        public int Channels => 2;

        public void Predict(IReadOnlyList<RgbImage> windows, IReadOnlyList<ByteMaps> maps)
        {
            for (int i = 0; i < windows.Count; i++)
            {
                int pixels = windows[i].Width * windows[i].Height;
                for (int p = 0; p < pixels; p++)
                    maps[i].Samples[p] = maps[i].Samples[p + pixels] = windows[i].Pixels[p * 3] < 150 && windows[i].Pixels[(p * 3) + 1] < 110 ? (byte)255 : (byte)0;
            }
        }

        public void Dispose()
        {
        }
    }

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
