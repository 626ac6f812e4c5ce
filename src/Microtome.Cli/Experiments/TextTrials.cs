using System.Globalization;
using MathNet.Numerics.Distributions;
using Microtome.Imaging;
using Microtome.Language;

namespace Microtome.Cli;

/// <summary>What the experiments on text share: the text, running arms with several seeds, intervals.</summary>
internal sealed class TextTrials(ExperimentRequest request, CancellationToken cancellation)
{
    private readonly byte[] text = WikiText();
    private readonly Dictionary<string, IReadOnlyList<TextTrialResult>> done = new(StringComparer.Ordinal);

    /// <summary>The text, and where it is from.</summary>
    public const string Text = "WikiText-2's validation split as bytes (1.1 MB; the training split is not bundled), the last tenth held out";

    /// <summary>Results by arm, one a seed.</summary>
    public IReadOnlyDictionary<string, IReadOnlyList<TextTrialResult>> Results => done;

    /// <summary>Runs an arm with some seeds, or reads what an earlier run left in the folder.</summary>
    public IReadOnlyList<TextTrialResult> Run(TextTrial trial, int seeds)
    {
        var results = new List<TextTrialResult>();
        for (int s = 0; s < seeds; s++)
        {
            var one = trial with { Training = trial.Training with { Seed = (request.Seed * 1000) + s + 1 } };
            var result = one.Run(text, Path.Combine(request.Folder, "arms"), null, cancellation);
            Answer.Log(string.Create(CultureInfo.InvariantCulture, $"{trial.Name}, seed {one.Training.Seed}: held-out loss {result.HeldOutLoss:F4}, {result.SecondsPerStep * 1000:F0} ms a step"));
            results.Add(result);
        }

        return done[trial.Name] = results;
    }

    /// <summary>Mean and half width of the 95 % interval over seeds (Student's t); no width for one seed.</summary>
    public static (double Mean, double HalfWidth) Interval(IReadOnlyList<double> values)
    {
        double mean = values.Average();
        if (values.Count < 2)
            return (mean, double.NaN);
        double deviation = Math.Sqrt(values.Sum(v => (v - mean) * (v - mean)) / (values.Count - 1));
        return (mean, StudentT.InvCDF(0, 1, values.Count - 1, 0.975) * deviation / Math.Sqrt(values.Count));
    }

    /// <summary>The held-out loss of an arm.</summary>
    public (double Mean, double HalfWidth) Loss(string arm) => Interval([.. done[arm].Select(static r => r.HeldOutLoss)]);

    /// <summary>Loss of one arm less another's, seed by seed, over the seeds that both have.</summary>
    public (double Mean, double HalfWidth) Difference(string arm, string other) => Interval([.. done[arm].Zip(done[other], static (a, b) => a.HeldOutLoss - b.HeldOutLoss)]);

    /// <summary>Whether an interval lies below zero.</summary>
    public static bool Below((double Mean, double HalfWidth) figure) => !double.IsNaN(figure.HalfWidth) && figure.Mean + figure.HalfWidth < 0;

    /// <summary>A figure in words.</summary>
    public static string Words((double Mean, double HalfWidth) figure) =>
        double.IsNaN(figure.HalfWidth) ? FormattableString.Invariant($"{figure.Mean:0.0000}, one seed") : FormattableString.Invariant($"{figure.Mean:0.0000} ± {figure.HalfWidth:0.0000}");

    private static byte[] WikiText()
    {
        string path = Installation.PathOf("samples", "text", "wikitext-2-validation.txt");
        if (!File.Exists(path))
            throw new SlideException($"{path}: the bundled text is not there. Restore it: git checkout -- samples");
        return File.ReadAllBytes(path);
    }
}
