using Microtome.Language;
using Microtome.Networks;
using Microtome.Torch;
using static Microtome.Torch.torch;

namespace Microtome.Cli;

/// <summary>Share-then-unshare on a small scale: section 11 of the method's page, A (deep linear networks) and B (a language model), and what else could be tried.</summary>
internal static class SharingExperiments
{
    private const double None = double.NaN;

    public static ExperimentResult Run(ExperimentRequest request, CancellationToken cancellation)
    {
        var trials = new TextTrials(request, cancellation);
        int steps = request.Quick ? 60 : 300, seeds = request.Quick ? 1 : 3;
        var model = new TransformerOptions { InitialDeviation = 0, Layers = 12, Width = 64, Heads = 4, FeedForwardWidth = 256, Vocabulary = ByteText.Vocabulary, MaxLength = 64, Causal = true, NormEpsilon = 1e-5 };
        var training = new PretrainingOptions { Steps = steps, Batch = 32, Length = 64, LearningRate = 3e-3, EvaluateEvery = Math.Max(1, steps / 10), CheckpointEvery = 100, LogEvery = 20 };
        TextTrial Arm(string name, SharingOptions? sharing = null, int times = 1, double rate = 1) =>
            new(name, model, TextOutput.NextToken, training with { Steps = steps * times, EvaluateEvery = training.EvaluateEvery * times, Sharing = sharing ?? new SharingOptions(), LearningRate = training.LearningRate * rate });
        SharingOptions Until(double part, int unit = 1, UntieState state = UntieState.Copy) => new() { Kind = SharingKind.Fixed, UntieAt = (long)(part * steps), Unit = unit, State = state, ResetWarmup = Math.Max(1, steps / 50) };
        SharingOptions Watching(SharingKind kind) => new() { Kind = kind, CheckEvery = Math.Max(1, steps / 100), Patience = 3 };

        trials.Run(Arm("baseline"), seeds);
        trials.Run(Arm("SWE-F 10 %", Until(0.1)), seeds);
        trials.Run(Arm("SWE-F 40 %", Until(0.4)), request.Quick ? 1 : 2);
        var tied = trials.Run(Arm("tied throughout", new SharingOptions { Kind = SharingKind.Always }) with { RecordCorrelationsEvery = Math.Max(1, steps / 20) }, request.Quick ? 1 : 2);
        trials.Run(Arm("baseline, twice the steps", times: 2), request.Quick ? 1 : 2);
        if (!request.Quick)
        {
            trials.Run(Arm("SWE-A", Watching(SharingKind.Adaptive)), 1);
            trials.Run(Arm("SWE-M", Watching(SharingKind.MultiStep)), 1);
            trials.Run(Arm("SWE-F 5 %", Until(0.05)), 1);
            trials.Run(Arm("SWE-F 10 %, units 3 x 4", Until(0.1, 3)), 1);
            trials.Run(Arm("SWE-F 10 %, units 6 x 2", Until(0.1, 6)), 1);
            trials.Run(Arm("SWE-F 10 %, second moment rescaled", Until(0.1, state: UntieState.Rescale)), 1);
            trials.Run(Arm("SWE-F 10 %, optimiser anew", Until(0.1, state: UntieState.Reset)), 1);
            trials.Run(Arm("baseline, third of the rate", rate: 1 / 3.0), 1);
            trials.Run(Arm("SWE-F 10 %, third of the rate", Until(0.1), rate: 1 / 3.0), 1);
        }

        var linear = Linear();
        var (fixedGain, late, longer) = (trials.Difference("SWE-F 10 %", "baseline"), trials.Difference("SWE-F 40 %", "SWE-F 10 %"), trials.Difference("baseline, twice the steps", "baseline"));
        double worst = trials.Results.Where(static r => r.Key != "tied throughout").Max(r => trials.Loss(r.Key).Mean);
        double[] cosines = [.. tied[0].Cosines.Select(static c => c.Skip(1).Average())];
        return new ExperimentResult
        {
            Setting = FormattableString.Invariant($"12 Pre-LN layers of width 64 (4 heads, 256 hidden units), next byte, 32 windows of 64 bytes, AdamW 3e-3 (chosen on the baseline), {steps} steps ({2 * steps} for the arm of twice the steps, with its own decay), same order of data; {TextTrials.Text}. Losses in nats a byte; mean and half width of the 95 % interval over seeds (from {(request.Seed * 1000) + 1}). Deep linear networks: 16 layers of 8 x 8, step 1e-3, 400 steps."),
            Columns = ["held-out loss", "accuracy", "less than the baseline", "seconds a step", "seeds"],
            Rows =
            [
                .. trials.Results.Select(r => new ExperimentRow(r.Key, [trials.Loss(r.Key), TextTrials.Interval([.. r.Value.Select(static v => v.HeldOutAccuracy)]), r.Key == "baseline" ? (None, None) : Negative(trials.Difference(r.Key, "baseline")), (r.Value.Average(static v => v.SecondsPerStep), None), (r.Value.Count, None)])),
                .. linear.Select(static l => new ExperimentRow(l.Name, [(l.End, None), (None, None), (None, None), (None, None), (None, None)])),
            ],
            Findings =
            [
                ($"the claim: SWE-F at 10 % ends below the baseline by more than the seeds' spread (difference {TextTrials.Words(fixedGain)})", TextTrials.Below(fixedGain)),
                (FormattableString.Invariant($"SWE-F closes part of the gap to twice the steps (its gain is {-fixedGain.Mean:0.000}, twice the steps gain {-longer.Mean:0.000})"), fixedGain.Mean < 0 && longer.Mean < 0),
                ("tied throughout is worst of all arms", trials.Loss("tied throughout").Mean > worst),
                ($"a long tie (40 %) is worse than a short one (difference {TextTrials.Words(late)})", late.Mean > 0),
                (FormattableString.Invariant($"neighbouring layers' gradients agree less as training goes on (mean cosine {cosines.FirstOrDefault():0.00} at the start, {cosines.LastOrDefault():0.00} at the end, tied run)"), cosines.Length > 1 && cosines[^1] < cosines[0]),
                (FormattableString.Invariant($"deep linear: dR/dt / R at the start is -2 L for a common identity ({linear[0].Slope:0.00}) and -2 for the zero-asymmetric start ({linear[2].Slope:0.00}), target a multiple of the identity"), Math.Abs(linear[0].Slope + 32) < 0.1 && Math.Abs(linear[2].Slope + 2) < 0.01),
                (FormattableString.Invariant($"deep linear, the footnote: without noise, layers of their own from the identity take the same path as common ones (largest difference of R {linear[1].Apart:0.0e+0}): the gain over the zero-asymmetric start is one of the start"), linear[1].Apart < 1e-9),
            ],
            Pictures =
            [
                ("curves.svg", LinePlot.Draw("Held-out loss", "steps", "nats a byte", [.. trials.Results.Where(static r => r.Key is "baseline" or "SWE-F 10 %" or "SWE-F 40 %" or "tied throughout" or "SWE-A" or "SWE-M").Select(static r => (r.Key, (IReadOnlyList<(double, double, double)>)[.. r.Value[0].Curve.Select(static p => (p[0], p[1], double.NaN))]))], highest: 4)),
                ("cosines.svg", LinePlot.Draw("Agreement of neighbouring layers' gradients, tied run", "steps", "mean cosine", [("tied throughout", [.. tied[0].Cosines.Select(static c => (c[0], Math.Max(0, c.Skip(1).Average()), double.NaN))])])),
            ],
        };
    }

    private static (double Mean, double HalfWidth) Negative((double Mean, double HalfWidth) figure) => (-figure.Mean, figure.HalfWidth);

    // Ends R, first slopes (dR/dt over R) towards 1.5 times the identity, and how far a path is from the first arm's.
    private static (string Name, double End, double Slope, double Apart)[] Linear()
    {
        const int Depth = 16, Steps = 400;
        const double Step = 1e-3, Noise = 0.05;
        using var scope = NewDisposeScope();
        var target = DeepLinear.Target(8, 1.2, 2, 1);
        var multiple = eye(8, -1, ScalarType.Float64) * 1.5;
        double[]? first = null;
        return [.. new[] { (DeepLinear.Arm.SharedIdentity, "common identity"), (DeepLinear.Arm.OwnIdentity, "own identities"), (DeepLinear.Arm.ZeroAsymmetric, "zero-asymmetric"), (DeepLinear.Arm.SharedNoise, "common identity and noise"), (DeepLinear.Arm.OwnNoise, "own identities, each with noise") }.Select(arm =>
        {
            double[] path = DeepLinear.Run(arm.Item1, target, Depth, Step, Steps, Noise, 2);
            first ??= path;
            const double Small = 1e-7;
            double[] start = DeepLinear.Run(arm.Item1, multiple, Depth, Small, 1, Noise, 2);
            return ($"deep linear, {arm.Item2}: R at the end", path[^1], (start[1] - start[0]) / Small / start[0], path.Zip(first, static (a, b) => Math.Abs(a - b)).Max());
        })];
    }
}
