using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microtome.Imaging;
using Microtome.Learning.Models;
using Microtome.Learning.Supervision.Judgements;
using Microtome.Learning.Supervision.Patches;
using Microtome.Learning.Supervision.Thresholds;
using Microtome.Learning.Training;
using Microtome.Pathology;

namespace Microtome.Cli.Commands;

/// <summary>The options of <c>--supervision labels</c>: patches that people judged in the viewer.</summary>
internal sealed class JudgementOptions
{
    // Chosen by trying (docs/methods/til-thresholds.md): a few dozen labels must not cost what the model knows, so the last layer alone learns.
    private static readonly TrainingOptions Gentle = new() { Steps = 80, Batch = 32, LearningRate = 1e-3, WarmupSteps = 15, WeightDecay = 0, AverageDecay = 0.97, FreezeNorms = true };

    private readonly Option<string[]> results = new("--results") { Description = $"labels: folders of results (analyze -o) in which patches were labelled in the viewer ({PatchLabelFile.Name}).", HelpName = "DIR", AllowMultipleArgumentsPerToken = true };
    private readonly Option<string?> slidesFrom = new("--slides-from") { Description = "labels: the folder in which slides lie now that were moved after the analysis.", HelpName = "DIR" };

    private readonly Option<bool> layers = new("--all-layers") { Description = "labels, with --from: every layer learns, not the last alone; for hundreds of labels, with a small --learning-rate." };

    public void AddTo(Command command)
    {
        command.Options.Add(layers);
        command.Options.Add(results);
        command.Options.Add(slidesFrom);
    }

    /// <summary>Gathers the labels and makes the training.</summary>
    /// <param name="result">The command line.</param>
    /// <param name="common">Its common options.</param>
    /// <param name="folder">The run's folder.</param>
    /// <param name="task">What is learned.</param>
    /// <param name="start">The model to start from, or null.</param>
    /// <param name="config">The model to make.</param>
    /// <param name="given">Steps, batch and rate where the user gave them.</param>
    /// <param name="cancellation">Stops.</param>
    /// <exception cref="SlideException">There are no labels to learn from, or a slide is not the one that was labelled.</exception>
    public PatchTraining Prepare(ParseResult result, CommonSettings common, string folder, PatchTask task, PatchModel? start, PatchModelConfig config, (int? Steps, int? Batch, double? Rate) given, CancellationToken cancellation)
    {
        if (result.GetValue(results) is not { Length: > 0 } folders)
            throw new UsageException("--supervision labels needs --results DIR, the folder of results in which patches were labelled (microtome serve DIR).");
        int seed = (int)common.Seed, pixels = config.PatchSizePixels;
        var data = JudgedPatches.Cut(JudgedSlide.Find(folders, task.Name, result.GetValue(slidesFrom)), task, config, folder, seed, Answer.Log, cancellation);
        var notes = data.Notes.ToList();
        var training = start is null ? PatchRecipe.Fast.Options(data.Training.Count, PatchRecipe.Fast.Batch, 300, seed) : Gentle with { Seed = seed };
        training = training with { Steps = given.Steps ?? training.Steps, Batch = given.Batch ?? training.Batch, LearningRate = given.Rate ?? training.LearningRate, CropSize = config.InputSize.Width };
        if (start is not null && !result.GetValue(layers))
            training = training with { HeadOnlySteps = training.Steps };
        if (training.Batch < 4)
            throw new UsageException($"--batch {training.Batch}: labels need batches of 4 patches or more, some of each class.");
        List<AnchorPatch> anchors = [];
        if (start is not null)
        {
            using var network = PatchClassifier.Open(start, common.Device, common.Threads);
            var middles = data.Others.AsParallel().AsOrdered().Select(p => p.Middle(pixels)).ToList();
            anchors = [.. data.Others.Zip(PatchEvaluation.Predict(network, middles, start.PositiveClass!.Value), static (patch, p) => new AnchorPatch(patch, p))];
            if (data.Validation.Count > 0)
            {
                var before = PatchEvaluation.Of(PatchEvaluation.Predict(network, data.Validation, start.PositiveClass.Value), data.Validation, start.Threshold).Scores;
                Answer.Log(string.Create(CultureInfo.InvariantCulture, $"before: AUC {before.Auc:F4}, F1 {before.F1:F4} at the threshold {start.Threshold} on {before.Count} judged patches of other patients"));
            }
        }

        double? threshold = data.FixesThreshold ? null : start?.Threshold;
        if (threshold is { } kept)
            notes.Add(string.Create(CultureInfo.InvariantCulture, $"The threshold {kept} is that of {start!.Name}: {data.Validation.Count} labels of other patients are too few to fix one ({JudgedPatches.EnoughForThreshold}, a third of each class)."));
        foreach (string note in notes)
            Answer.Log(note);
        return new PatchTraining
        {
            Folder = folder,
            Name = task.Name,
            Task = task,
            Config = config,
            Start = start,
            Supervision = new JudgementSource(data.Training, anchors, task.Geometry(config), task == PatchTask.Til ? SuperPatchAugmentation.Til : SuperPatchAugmentation.Til with { Translation = 0.1 }, training.Batch, seed, start?.WeightsHash ?? string.Empty),
            // A threshold is found on labels of both classes; fewer are shown in the log alone.
            Validation = data.Validation,
            Training = training,
            Loss = new PatchLoss { IndependentClasses = start?.Activation == PatchActivation.Sigmoid, LabelSmoothing = 0, Cells = 0 },
            // Judged patches were chosen because they were uncertain: probabilities that fit them would fit no other.
            Calibrate = false,
            Threshold = threshold,
            Card = Card(data, start, task),
            TrainedFrom = Origin(data, start, anchors.Count, training),
            Warnings = [.. start?.Notes.Warnings ?? [], .. notes],
        };
    }

    private static string Card(JudgedPatches data, PatchModel? start, PatchTask task) => string.Create(CultureInfo.InvariantCulture, $"""
        # {task.Name}

        Trained from {data.Training.Count + data.Validation.Count} labels that people gave to patches of {data.Slides.Count} {(data.Slides.Count == 1 ? "slide" : "slides")} ({data.Unclear} unclear ones left out){(start is null ? string.Empty : $", starting from the model {start.Name}")}.
        For research; not a medical device.

        {(data.Validation.Count > 0 ? $"{data.Validation.Count} of the labels are of patients that were not trained from." : "No labels were kept back: how good it is has not been measured.")} `microtome.json` says slide by slide what it was trained from (`trained_from`).
        Labelled patches were the uncertain ones: figures on them are no figures of a whole slide.

        """);

    private static JsonElement Origin(JudgedPatches data, PatchModel? start, int anchors, TrainingOptions training) => JsonSerializer.SerializeToElement(new JsonObject
    {
        ["supervision"] = "labels",
        ["start_model"] = start?.Name,
        ["start_sha256"] = start?.WeightsHash,
        ["labels"] = data.Training.Count + data.Validation.Count,
        ["labels_positive"] = data.Training.Count(static p => p.Label == 1) + data.Validation.Count(static p => p.Label == 1),
        ["labels_unclear"] = data.Unclear,
        ["labels_validation"] = data.Validation.Count,
        ["other_patches"] = anchors,
        ["slides"] = new JsonArray([.. data.Slides.Select(s => new JsonObject { ["name"] = s.Name, ["patient"] = s.Patient, ["fingerprint"] = s.Fingerprint, ["labels"] = s.Labels.Count })]),
        ["steps"] = training.Steps,
        ["learning_rate"] = training.LearningRate,
        ["seed"] = training.Seed,
    });
}
