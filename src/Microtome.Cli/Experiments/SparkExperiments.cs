using Microtome.Language;
using Microtome.Networks;

namespace Microtome.Cli;

/// <summary>Spark feed-forward and attention on a small scale: section 10 A of the method's page.</summary>
internal static class SparkExperiments
{
    private const int Width = 96, Length = 96, Layers = 3;
    private const double None = double.NaN;

    public static ExperimentResult Run(ExperimentRequest request, CancellationToken cancellation)
    {
        var trials = new TextTrials(request, cancellation);
        int steps = request.Quick ? 60 : 400, seeds = request.Quick ? 1 : 3;
        var training = new PretrainingOptions { Steps = steps, Batch = 16, Length = Length, LearningRate = 3e-3, EvaluateEvery = Math.Max(1, steps / 10), CheckpointEvery = 200, LogEvery = 20 };
        var shapes = new Dictionary<string, TransformerOptions>(StringComparer.Ordinal);
        void Arm(string name, FeedForwardKind kind, int hidden, SparkOptions? spark = null, int? count = null)
        {
            shapes[name] = new TransformerOptions { InitialDeviation = 0, Layers = Layers, Width = Width, Heads = 4, FeedForwardWidth = hidden, FeedForward = kind, Spark = spark, Vocabulary = ByteText.Vocabulary, MaxLength = Length, Causal = true, Biases = false, Norm = NormKind.RmsNorm, NormEpsilon = 1e-6, Positions = PositionKind.Rotary };
            trials.Run(new TextTrial(name, shapes[name], TextOutput.NextToken, training), count ?? seeds);
        }

        var eight = new SparkOptions { PredictorWidth = 48, ActiveUnits = 35 };
        Arm("dense", FeedForwardKind.GeGlu, 288);
        Arm("Spark FFN", FeedForwardKind.Spark, 432, eight);
        Arm("plain top-k", FeedForwardKind.TopKGeGlu, 288, new SparkOptions { ActiveUnits = 23 });
        Arm("ReLU gate", FeedForwardKind.ReGlu, 288, count: request.Quick ? 1 : 2);
        Arm("Spark FFN and attention", FeedForwardKind.Spark, 432, eight with { AttentionPredictorWidth = 12, AttendedKeys = 24 }, count: request.Quick ? 1 : 2);
        if (!request.Quick)
        {
            Arm("Spark FFN, smoothed threshold", FeedForwardKind.Spark, 432, eight with { Smoothing = 0.1 }, 1);
            Arm("Spark FFN, 4 %", FeedForwardKind.Spark, 432, eight with { ActiveUnits = 17 }, 1);
            Arm("Spark FFN, 16 %", FeedForwardKind.Spark, 432, eight with { ActiveUnits = 69 }, 1);
            Arm("Spark FFN, 50 %", FeedForwardKind.Spark, 432, eight with { ActiveUnits = 216 }, 1);
        }

        var (claim, gap) = (trials.Difference("Spark FFN", "plain top-k"), trials.Difference("Spark FFN", "dense"));
        double dense = trials.Loss("dense").Mean, active = trials.Results["Spark FFN"].Average(static r => r.Active.Average(static l => l[0]));
        var fractions = trials.Results["Spark FFN"].SelectMany(static r => r.Active.Select(static l => l[0])).ToList();
        string[] sparser = ["Spark FFN, 4 %", "Spark FFN", "Spark FFN, 16 %", "Spark FFN, 50 %"];
        return new ExperimentResult
        {
            Setting = FormattableString.Invariant($"3 layers of width 96 (RMS norm, rotary, 4 heads of 24), equal weights in every feed-forward part (82,944), next byte, 16 windows of 96 bytes, AdamW 3e-3, {steps} steps, same order of data; {TextTrials.Text}. Losses in nats a byte; mean and half width of the 95 % interval over seeds (from {(request.Seed * 1000) + 1}). Active: part of the hidden units that are not zero on held-out text; dead: units that never are, of all layers."),
            Columns = ["held-out loss", "accuracy", "more than dense", "active", "dead", "kFLOP a token", "seconds a step", "seeds"],
            Rows = [.. trials.Results.Select(r => new ExperimentRow(r.Key, [trials.Loss(r.Key), TextTrials.Interval([.. r.Value.Select(static v => v.HeldOutAccuracy)]), r.Key == "dense" ? (None, None) : trials.Difference(r.Key, "dense"), (r.Value.Average(static v => v.Active.Average(static l => l[0])), None), (r.Value.Average(static v => v.Active.Sum(static l => l[1])), None), (Flops(shapes[r.Key]) / 1000, None), (r.Value.Average(static v => v.SecondsPerStep), None), (r.Value.Count, None)]))],
            Findings =
            [
                (FormattableString.Invariant($"8 % of the units are active, within 1.5 points, in every layer (mean {active:P1}, layers {fractions.Min():P1} to {fractions.Max():P1})"), Math.Abs(active - 0.08) <= 0.015 && fractions.TrueForAll(static f => Math.Abs(f - 0.08) <= 0.015)),
                ("dense is best or tied (within 0.01)", trials.Results.Keys.Min(k => trials.Loss(k).Mean) >= dense - 0.01),
                ($"the claim: Spark FFN ends below plain top-k by more than the seeds' spread (difference {TextTrials.Words(claim)})", TextTrials.Below(claim)),
                (FormattableString.Invariant($"the gap to dense is at most 2 % (it is {gap.Mean / dense:P1}; neutrality was shown for 2 billion weights and 2e12 tokens only)"), gap.Mean / dense <= 0.02),
                .. request.Quick ? Array.Empty<(string, bool)>() : [("more active units, lower loss: 4, 8, 16, 50 % (within 0.01)", Enumerable.Range(1, 3).All(i => trials.Loss(sparser[i]).Mean <= trials.Loss(sparser[i - 1]).Mean + 0.01))],
            ],
            Pictures = [("curves.svg", LinePlot.Draw("Held-out loss", "steps", "nats a byte", [.. trials.Results.Take(5).Select(static r => (r.Key, (IReadOnlyList<(double, double, double)>)[.. r.Value[0].Curve.Select(static p => (p[0], p[1], double.NaN))]))], highest: 4))],
        };
    }

    // Section 4 of the page: what a decoder has to compute for a token at the end of a window.
    private static double Flops(TransformerOptions shape)
    {
        int hidden = shape.FeedForwardWidth, head = Width / shape.Heads;
        double feedForward = shape.FeedForward switch
        {
            FeedForwardKind.Spark => (2.0 * 48 * hidden) + (2.0 * (Width - 48) * shape.Spark!.ActiveUnits) + (2.0 * Width * shape.Spark.ActiveUnits),
            FeedForwardKind.TopKGeGlu => (2.0 * Width * hidden) + (4.0 * Width * shape.Spark!.ActiveUnits),
            _ => 6.0 * Width * hidden,
        };
        double attention = shape.Spark is { AttentionPredictorWidth: > 0 } spark
            ? shape.Heads * ((2.0 * spark.AttentionPredictorWidth * Length) + (2.0 * (head - spark.AttentionPredictorWidth) * spark.AttendedKeys) + (2.0 * head * spark.AttendedKeys))
            : 4.0 * Width * Length;
        return Layers * ((8.0 * Width * Width) + feedForward + attention);
    }
}
