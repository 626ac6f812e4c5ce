using System.Globalization;
using System.Text;
using System.Text.Json;
using Microtome.Imaging;
using Microtome.Learning;
using Microtome.Learning.Metrics;
using Microtome.Learning.Models;
using Microtome.Learning.Supervision;
using Microtome.Learning.Supervision.Patches;
using Microtome.Learning.Training;
using Microtome.Networks;
using Microtome.Torch;
using Microtome.Torch.Modules;
using static Microtome.Torch.torch;
using static Microtome.Torch.torch.nn;

namespace Microtome.Pathology;

/// <summary>Trains a patch classifier from any supervision, makes its probabilities honest, fixes its threshold on the validation patients and keeps it as a model folder.</summary>
public sealed record PatchTraining
{
    private static readonly JsonSerializerOptions Web = JsonSerializerOptions.Web;

    /// <summary>The run folder: checkpoint.safetensors, metrics.jsonl, options.txt and, at the end, model/.</summary>
    public required string Folder { get; init; }

    /// <summary>The name of the model.</summary>
    public required string Name { get; init; }

    /// <summary>What it finds.</summary>
    public required PatchTask Task { get; init; }

    /// <summary>config.json of the model.</summary>
    public required PatchModelConfig Config { get; init; }

    /// <summary>The labels.</summary>
    public required IPatchSupervision Supervision { get; init; }

    /// <summary>Patches of patients that are not trained on: calibration and threshold come from them. None: no calibration, threshold 0.5.</summary>
    public required IReadOnlyList<LabelledPatch> Validation { get; init; }

    /// <summary>Steps, rates, seed.</summary>
    public TrainingOptions Training { get; init; } = new();

    /// <summary>The loss.</summary>
    public PatchLoss Loss { get; init; } = new();

    /// <summary>Whether probabilities are scaled to the validation patches (Platt). The published networks were not.</summary>
    public bool Calibrate { get; init; } = true;

    /// <summary>Which of the kept weights become the model (<see cref="TrainingOptions.KeepEvery"/>); the last ones without validation patches.</summary>
    public WeightsChoice Choice { get; init; }

    /// <summary>The first step whose weights may become the model.</summary>
    public long ChoiceFrom { get; init; }

    /// <summary>The model that training starts from; null: fresh weights. Its network must be <see cref="Config"/>'s.</summary>
    public PatchModel? Start { get; init; }

    /// <summary>Kept as the threshold, whatever the validation patches say; null: Youden's cut on them, 0.5 without any.</summary>
    public double? Threshold { get; init; }

    /// <summary>MODEL_CARD.md of the model; null: none is written.</summary>
    public string? Card { get; init; }

    /// <summary>For microtome.json: what it was trained from.</summary>
    public JsonElement? TrainedFrom { get; init; }

    /// <summary>The licence of the weights, which follows from the training data.</summary>
    public string? Licence { get; init; }

    /// <summary>What every report must say of the model.</summary>
    public IReadOnlyList<string> Warnings { get; init; } = [];

    /// <summary>Trains and writes Folder/model.</summary>
    /// <param name="log">Receives a line now and then.</param>
    /// <param name="cancellation">Stops after the current step with a checkpoint.</param>
    /// <returns>The scores on the validation patches, or null without any.</returns>
    /// <exception cref="UsageException">The folder holds a run with other options.</exception>
    public PatchEvaluation? Run(Action<string> log, CancellationToken cancellation)
    {
        Directory.CreateDirectory(Folder);
        GuardOptions();
        NativeMemory.KeepFreed(large: true);
        manual_seed(Training.Seed);
        set_flush_denormal(true);
        log(Supervision.Description);
        using var network = PatchClassifiers.Create(Config.Architecture, Config.ClassNames.Count);
        if (Start is not null)
        {
            network.load(Start.WeightsPath);
            log($"starts from {Start.Name}.");
        }

        network.to(MemoryFormat.ChannelsLast);
        using var trainer = new Trainer<PatchBatch>(network, Training, Folder);
        if (trainer.Step > 0)
            log($"continues from step {trainer.Step}.");
        using (var mean = tensor(Config.Transform.Mean.Select(v => (float)v).ToArray()).view(1, 3, 1, 1))
        using (var deviation = tensor(Config.Transform.Std.Select(v => (float)v).ToArray()).view(1, 3, 1, 1))
        using (var batches = new BatchQueue<PatchBatch>(Supervision.Draw, trainer.Step))
        {
            trainer.Run(batches.Next, (module, batch) =>
            {
                var input = ((tensor(batch.Pictures, [batch.Count, 3, batch.Side, batch.Side]) - mean) / deviation).contiguous(MemoryFormat.ChannelsLast);
                var (logits, cells) = module is PatchNet small ? small.ForwardWithCells(input) : (module.forward(input), null);
                return Loss.Compute(logits, cells, batch);
            }, Report, cancellation);
        }

        return Keep(trainer, network, log);

        void Report(long step, double loss, double seconds) =>
            log($"step {step}/{Training.Steps}  loss {loss:F4}  {seconds:F2} s/step  {TimeSpan.FromSeconds((Training.Steps - step) * seconds):h\\:mm\\:ss} left");
    }

    private PatchEvaluation? Keep(Trainer<PatchBatch> trainer, Module<Tensor, Tensor> network, Action<string> log)
    {
        var model = Path.Combine(Folder, "model");
        Directory.CreateDirectory(model);
        var weights = Path.Combine(model, PatchModel.WeightsName);
        var notes = new PatchModelNotes
        {
            Name = Name,
            Task = Task.Name,
            PositiveClass = Task.Positive,
            Activation = Loss.IndependentClasses ? PatchActivation.Sigmoid : null,
            Licence = Licence,
            Threshold = Threshold,
            TrainedFrom = TrainedFrom,
            Warnings = Warnings,
        };
        AtomicFile.WriteAllText(Path.Combine(model, "config.json"), Config.ToJson());
        Write(notes);
        if (Card is not null)
            AtomicFile.WriteAllText(Path.Combine(model, "MODEL_CARD.md"), Card);
        Safetensors.Save(weights, trainer.Average);
        PatchEvaluation? evaluation = null;
        if (Validation.Count > 0)
        {
            int[] labels = [.. Validation.Select(p => p.Label)];
            if (Choice != WeightsChoice.Last)
                Choose(labels);
            if (Calibrate)
            {
                var scaling = PlattScaling.Fit([.. Probabilities().Select(LogOdds)], labels);
                log(FormattableString.Invariant($"calibration on {Validation.Count} validation patches: log-odds x {scaling.Slope:F3} + {scaling.Offset:F3}"));
                network.load(weights);
                Scale(network, scaling);
                Safetensors.Save(weights, network.state_dict());
            }

            var probabilities = Probabilities();
            notes = notes with { Threshold = Threshold ?? Math.Round(BinaryScores.YoudenThreshold(probabilities, labels), 4) };
            evaluation = PatchEvaluation.Of(probabilities, Validation, notes.Threshold.Value);
            log(FormattableString.Invariant($"validation: AUC {evaluation.Scores.Auc:F4}, F1 {evaluation.Scores.F1:F4} at the threshold {notes.Threshold}, calibration error {evaluation.Scores.Ece:F4}"));
        }

        Write(notes);
        using (var classifier = PatchClassifier.Open(model))
            Write(notes with { SelfTest = classifier.Answer });
        return evaluation;

        // Every choice is made at the Youden cut of the weights in question, since that is the cut they would get.
        void Choose(int[] labels)
        {
            var table = new StringBuilder("step,auc,f1,accuracy,loss,threshold\n");
            (double Value, long Step, string Path) best = (double.NegativeInfinity, 0, weights);
            foreach (var (step, path) in trainer.Kept)
            {
                AtomicFile.WriteAllBytes(weights, File.ReadAllBytes(path));
                var probabilities = Probabilities();
                double cut = BinaryScores.YoudenThreshold(probabilities, labels);
                var scores = BinaryScores.Of(probabilities, labels, cut);
                double loss = probabilities.Zip(labels, static (p, label) => -Math.Log(Math.Max(1e-7, label == 1 ? p : 1 - p))).Average();
                table.Append(CultureInfo.InvariantCulture, $"{step},{scores.Auc:F5},{scores.F1:F5},{scores.Accuracy:F5},{loss:F5},{cut:F5}\n");
                double value = Choice == WeightsChoice.F1 ? scores.F1 : Choice == WeightsChoice.Accuracy ? scores.Accuracy : -loss;
                if (step >= ChoiceFrom && value > best.Value)
                    best = (value, step, path);
            }

            AtomicFile.WriteAllText(Path.Combine(Folder, "choice.csv"), table.ToString());
            if (double.IsFinite(best.Value))
            {
                AtomicFile.WriteAllBytes(weights, File.ReadAllBytes(best.Path));
                network.load(weights);
                log($"weights of step {best.Step}, the best of {trainer.Kept.Count} by {Choice} on the validation patches (choice.csv)");
            }
        }

        double[] Probabilities()
        {
            using var classifier = PatchClassifier.Open(model, workers: get_num_threads());
            return PatchEvaluation.Predict(classifier, Validation, Config.ClassNames.ToList().IndexOf(Task.Positive));
        }

        void Write(PatchModelNotes content) => AtomicFile.WriteAllText(Path.Combine(model, PatchModelNotes.FileName), content.ToJson());
    }

    private static double LogOdds(double probability)
    {
        double p = Math.Clamp(probability, 1e-7, 1 - 1e-7);
        return Math.Log(p / (1 - p));
    }

    // The scaling becomes part of the last layer, so that the file stays an ordinary network: z' = slope z, and the positive class gets the offset. With sigmoids only the positive class is scaled.
    private void Scale(Module<Tensor, Tensor> network, PlattScaling scaling)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        var head = network.modules().OfType<Linear>().Last();
        int positive = Config.ClassNames.ToList().IndexOf(Task.Positive);
        if (Loss.IndependentClasses)
        {
            head.weight!.select(0, positive).mul_(scaling.Slope);
            head.bias!.select(0, positive).mul_(scaling.Slope).add_(scaling.Offset);
            return;
        }

        head.weight!.mul_(scaling.Slope);
        head.bias!.mul_(scaling.Slope);
        head.bias!.select(0, positive).add_(scaling.Offset);
    }

    private void GuardOptions()
    {
        var text = string.Join('\n', (string[])[Config.ToJson(), JsonSerializer.Serialize(Training, Web), JsonSerializer.Serialize(Loss, Web), Supervision.Fingerprint, .. Start is null ? Array.Empty<string>() : [Start.WeightsHash]]);
        var path = Path.Combine(Folder, "options.txt");
        if (File.Exists(path) && !string.Equals(File.ReadAllText(path), text, StringComparison.Ordinal))
            throw new UsageException($"{Folder} holds a run with other options (see options.txt there): give another folder, or the same options to go on with it.");
        AtomicFile.WriteAllText(path, text);
    }
}
