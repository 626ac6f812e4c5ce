using Microtome.Language;
using Microtome.Networks;

namespace Microtome.Cli;

/// <summary>Talking heads on a small scale: section 10 of the method's page.</summary>
internal static class TalkingHeadsExperiments
{
    private const int Width = 64, Hidden = 256, Length = 64;
    private const double None = double.NaN;

    public static ExperimentResult Run(ExperimentRequest request, CancellationToken cancellation)
    {
        var trials = new TextTrials(request, cancellation);
        int steps = request.Quick ? 80 : 500, seeds = request.Quick ? 1 : 3;
        var training = new PretrainingOptions { Steps = steps, Batch = 16, Length = Length, LearningRate = 3e-3, EvaluateEvery = Math.Max(1, steps / 10), CheckpointEvery = 200, LogEvery = 20 };
        var shapes = new Dictionary<string, TransformerOptions>(StringComparer.Ordinal);
        void Arm(string name, int heads, TalkingHeadsOptions? talking = null, int hidden = Hidden, int? count = null)
        {
            shapes[name] = new TransformerOptions { InitialDeviation = 0, Layers = 3, Width = Width, Heads = heads, FeedForwardWidth = hidden, Vocabulary = ByteText.Vocabulary, MaxLength = Length, Causal = true, NormEpsilon = 1e-5, Biases = false, TalkingHeads = talking };
            trials.Run(new TextTrial(name, shapes[name], TextOutput.NextToken, training), count ?? seeds);
        }

        Arm("MHA 4", 4);
        Arm("MHA 8", 8);
        Arm("MHA 16", 16);
        Arm("TH 8", 8, new TalkingHeadsOptions());
        Arm("TH 16", 16, new TalkingHeadsOptions());
        Arm("TH 16, logits only", 16, new TalkingHeadsOptions { Mixing = HeadMixing.Logits });
        Arm("TH 16, weights only", 16, new TalkingHeadsOptions { Mixing = HeadMixing.Weights });
        int best = new[] { 4, 8, 16 }.MinBy(h => trials.Loss($"MHA {h}").Mean);
        string wide = $"MHA {best}, wider to the FLOPs of TH 16", wide8 = $"MHA {best}, wider to the FLOPs of TH 8";
        Arm(wide, best, hidden: Hidden + Wider(16));
        if (!request.Quick)
        {
            Arm(wide8, best, hidden: Hidden + Wider(8), count: 1);
            Arm("TH 16 from the identity", 16, new TalkingHeadsOptions { Start = MixingStart.Identity }, count: 1);
            Arm("TH 8 from the identity", 8, new TalkingHeadsOptions { Start = MixingStart.Identity }, count: 1);
            Arm("TH 8, 16 softmax heads", 8, new TalkingHeadsOptions { SoftmaxHeads = 16, ValueHeads = 8 }, count: 1);
            Arm("TH 8, dynamic", 8, new TalkingHeadsOptions { QueryToLogits = true, MemoryToLogits = true, QueryToWeights = true, MemoryToWeights = true }, count: 1);
        }

        var (narrow, talk, fewer, equal) = (trials.Difference("MHA 16", $"MHA {best}"), trials.Difference("TH 16", "MHA 16"), trials.Difference("TH 16", "TH 8"), trials.Difference("TH 16", wide));
        double flops = Flops(shapes["TH 16"]) / Flops(shapes["MHA 16"]), time = trials.Results["TH 16"].Average(static r => r.SecondsPerStep) / trials.Results["MHA 16"].Average(static r => r.SecondsPerStep);
        return new ExperimentResult
        {
            Setting = FormattableString.Invariant($"3 Pre-LN layers of width 64 (256 hidden units), next byte (the paper: masked), 16 windows of 64 bytes, AdamW 3e-3, {steps} steps, same order of data; {TextTrials.Text}. Losses in nats a byte; mean and half width of the 95 % interval over seeds (from {(request.Seed * 1000) + 1}). FLOPs of the forward pass of a token, without the vocabulary."),
            Columns = ["held-out loss", "accuracy", "less than the best MHA", "seconds a step", "kFLOP a token", "seeds"],
            Rows = [.. trials.Results.Select(r => new ExperimentRow(r.Key, [trials.Loss(r.Key), TextTrials.Interval([.. r.Value.Select(static v => v.HeldOutAccuracy)]), r.Key == $"MHA {best}" ? (None, None) : Negative(trials.Difference(r.Key, $"MHA {best}")), (r.Value.Average(static v => v.SecondsPerStep), None), (Flops(shapes[r.Key]) / 1000, None), (r.Value.Count, None)]))],
            Findings =
            [
                ($"(1) multi-head attention worsens from its best ({best} heads) to 16 narrow ones; otherwise the bottleneck is absent and the rest says little (difference {TextTrials.Words(narrow)})", best != 16 && narrow.Mean > 0),
                ($"(2) talking heads, 16, end below multi-head attention, 16, by more than the seeds' spread (difference {TextTrials.Words(talk)})", TextTrials.Below(talk)),
                ($"(3) 16 talking heads are no worse than 8 (difference {TextTrials.Words(fewer)})", fewer.Mean <= 0 || fewer.Mean < fewer.HalfWidth),
                (FormattableString.Invariant($"(4) the step costs at most 1.25 times what the FLOPs say (time ratio {time:0.00}, FLOP ratio {flops:0.00}; measured while other work ran unless said otherwise)"), time <= 1.25 * flops),
                ($"(5) no order was promised: 16 talking heads end below multi-head attention of as many FLOPs (difference {TextTrials.Words(equal)})", TextTrials.Below(equal)),
            ],
            Pictures = [("curves.svg", LinePlot.Draw("Held-out loss", "steps", "nats a byte", [.. trials.Results.Where(static r => !r.Key.Contains("only", StringComparison.Ordinal) && !r.Key.Contains("identity", StringComparison.Ordinal)).Select(static r => (r.Key, (IReadOnlyList<(double, double, double)>)[.. r.Value[0].Curve.Select(static p => (p[0], p[1], double.NaN))]))], highest: 4))],
        };
    }

    private static (double Mean, double HalfWidth) Negative((double Mean, double HalfWidth) figure) => (-figure.Mean, figure.HalfWidth);

    // Hidden units that cost what the mixes of so many heads do: 2 n (h_k h + h h_v) = 4 d units.
    private static int Wider(int heads) => 2 * Length * 2 * heads * heads / (4 * Width);

    // Projections, scores and sums, mixes, feed-forward; a multiplication and an addition are two.
    private static double Flops(TransformerOptions shape)
    {
        int from = shape.Heads, softmax = shape.TalkingHeads is { SoftmaxHeads: > 0 } t ? t.SoftmaxHeads : from, to = shape.TalkingHeads is { ValueHeads: > 0 } v ? v.ValueHeads : from;
        double mixes = shape.TalkingHeads?.Mixing switch { HeadMixing.Both => (from * softmax) + (softmax * to), HeadMixing.Logits or HeadMixing.Weights => from * softmax, _ => 0 };
        return shape.Layers * ((8.0 * Width * Width) + (4.0 * Length * Width) + (2 * Length * mixes) + (4.0 * Width * shape.FeedForwardWidth));
    }
}
