using System.CommandLine;
using System.Text.Json.Nodes;
using Microtome.Imaging;
using Microtome.Learning.Supervision.CellLabels;
using Microtome.Learning.Supervision.Patches;
using Microtome.Learning.Supervision.Thresholds;
using Microtome.Learning.Training;
using Microtome.Networks;
using Microtome.Pathology;
using Microtome.Torch;

namespace Microtome.Cli.Commands;

/// <summary><c>train classifier</c>: a patch classifier from the labels that exist.</summary>
internal static class TrainClassifierCommand
{
    public static Command Create()
    {
        var defaults = new TrainingOptions();
        var task = new Option<string>("--task") { Description = "What it finds: til (50 um patches) or tumor (87.5 um patches).", Required = true, HelpName = "NAME" };
        task.AcceptOnlyFromAmong([.. PatchTask.All.Select(t => t.Name)]);
        var supervision = new Option<string>("--supervision") { Description = "Where labels come from. masks: every cell of the fields is marked (--manifest). thresholds: thresholded maps of an earlier system, and patches labelled by hand (--slides). labels: patches that people labelled in the viewer (--results).", DefaultValueFactory = _ => "masks", HelpName = "KIND" };
        supervision.AcceptOnlyFromAmong("masks", "thresholds", "labels");
        var from = new Option<string?>("--from") { Description = "Start from the weights of this model (a name of 'models list', or a folder) instead of fresh ones.", HelpName = "MODEL" };
        var labelled = new ManifestOptions(required: false);
        var thresholds = new ThresholdOptions();
        var judgements = new JudgementOptions();
        var recipe = new Option<string>("--recipe") { Description = "thresholds: fast (small networks), til (as published for lymphocytes: Adam 5e-5, weights chosen on the validation patches) or tumor (as published: SGD, the last layer first).", DefaultValueFactory = _ => PatchRecipe.Fast.Name, HelpName = "NAME" };
        recipe.AcceptOnlyFromAmong([.. PatchRecipe.Known.Select(r => r.Name)]);
        var choose = new Option<string?>("--choose") { Description = "thresholds: which kept weights become the model: last, f1, accuracy or loss (default: the recipe's).", HelpName = "BY" };
        choose.AcceptOnlyFromAmong([.. Enum.GetNames<WeightsChoice>().Select(n => n.ToLowerInvariant())]);
        var architecture = new Option<string>("--architecture") { Description = $"The network: {string.Join(", ", PatchClassifiers.Names)}.", DefaultValueFactory = _ => "patchnet", HelpName = "NAME" };
        architecture.AcceptOnlyFromAmong([.. PatchClassifiers.Names]);
        var steps = new Option<int?>("--steps") { Description = "Optimiser steps (default: 2000; with thresholds the recipe's epochs; with labels 80).", HelpName = "N" };
        var batch = new Option<int?>("--batch") { Description = "Patches a step (default: 48; with thresholds the recipe's; with labels 32).", HelpName = "N" };
        var rate = new Option<double?>("--learning-rate") { Description = FormattableString.Invariant($"Highest learning rate (default: {defaults.LearningRate}, a tenth of it with --from; with thresholds the recipe's; with labels 0.001)."), HelpName = "X" };
        var loss = new Option<string?>("--loss") { Description = "softmax (classes exclude each other) or sigmoid (each class for itself, as published for lymphocytes); default: softmax, with thresholds the recipe's.", HelpName = "KIND" };
        loss.AcceptOnlyFromAmong("softmax", "sigmoid");
        var licence = new Option<string?>("--licence") { Description = "The licence of the weights, which follows from the training data.", HelpName = "NAME" };
        var command = new Command("classifier", "Train a patch classifier. The same command goes on with a run that was stopped.") { task, supervision, from, architecture, recipe, steps, batch, rate, loss, choose, licence };
        labelled.AddTo(command);
        thresholds.AddTo(command);
        judgements.AddTo(command);
        command.SetAction((result, cancellation) =>
        {
            var common = CommonSettings.From(result);
            var goal = PatchTask.Named(result.GetRequiredValue(task));
            var start = result.GetValue(from) is { } name ? StartModel.Open(name, goal, result.GetResult(architecture) is { Implicit: false } ? result.GetRequiredValue(architecture) : null) : null;
            var config = start?.Config ?? goal.Config(result.GetRequiredValue(architecture));
            string folder = common.Output ?? $"{goal.Name}-run";
            int seed = (int)common.Seed;
            int? Given(Option<int?> option) => result.GetValue(option) is { } value ? Positive(value, option.Name) : null;
            torch.set_num_threads(common.Threads);
            var run = result.GetRequiredValue(supervision) switch { "thresholds" => ByThresholds(), "labels" => ByLabels(), _ => ByCells() };
            var evaluation = run.Run(Answer.Log, cancellation);
            LossCurve.Print(run.Folder);
            string model = Path.Combine(run.Folder, "model");
            if (common.Json)
                Answer.Json(new JsonObject { ["model"] = model, ["validation"] = evaluation is null ? null : EvaluateClassifierCommand.Describe(evaluation) });
            else
                Answer.Line($"The model is in {model}.");
            return Task.FromResult(ExitCode.Done);

            PatchTraining ByLabels() => judgements.Prepare(result, common, folder, goal, start, config, (Given(steps), Given(batch), result.GetValue(rate)), cancellation) with { Licence = result.GetValue(licence) };

            PatchTraining ByCells()
            {
                if (result.GetValue(recipe) != PatchRecipe.Fast.Name)
                    throw new UsageException($"--recipe {result.GetValue(recipe)} is for --supervision thresholds: fields with marked cells have no epochs.");
                var training = defaults with
                {
                    Steps = Given(steps) ?? 2000,
                    Batch = Given(batch) ?? 48,
                    CropSize = config.InputSize.Width,
                    LearningRate = result.GetValue(rate) ?? (start is null ? defaults.LearningRate : defaults.LearningRate / 10),
                    Seed = seed,
                };
                var pictures = labelled.Read(result);
                var geometry = goal.Geometry(config);
                IReadOnlyList<CellField> Fields(string split) => [.. pictures.Of(split).AsParallel().AsOrdered().Select(CellField.Load)];
                return new PatchTraining
                {
                    Folder = folder,
                    Name = goal.Name,
                    Task = goal,
                    Config = config,
                    Start = start,
                    Supervision = new CellPatchSource(Fields("train"), goal.Rule, geometry, CellPatchSource.DefaultAugmentation, training.Batch, training.Seed, PatchNet.CellTypes, PatchNet.CellStride),
                    Validation = [.. Fields("validation").SelectMany(field => CellPatchSource.Grid(field, goal.Rule, geometry, EvaluateClassifierCommand.Overlap))],
                    Training = training,
                    Loss = new PatchLoss { IndependentClasses = result.GetValue(loss) == "sigmoid" },
                    Licence = result.GetValue(licence),
                };
            }

            PatchTraining ByThresholds()
            {
                var way = PatchRecipe.Known.First(r => r.Name == result.GetRequiredValue(recipe));
                var data = thresholds.Gather(result, folder, goal, seed, cancellation);
                foreach (string note in data.Notes)
                    Answer.Log(note);
                int size = Given(batch) ?? way.Batch, count = data.Set.Patches.Count;
                var training = way.Options(count, size, Given(steps), seed) with { CropSize = config.InputSize.Width };
                var choice = result.GetValue(choose) is { } by ? Enum.Parse<WeightsChoice>(by, ignoreCase: true) : way.Choice;
                if (choice != WeightsChoice.Last && training.KeepEvery == 0)
                    training = training with { KeepEvery = Math.Max(1, training.Steps / 10) };
                return new PatchTraining
                {
                    Folder = folder,
                    Name = goal.Name,
                    Task = goal,
                    Config = config,
                    Start = start,
                    Supervision = new SuperPatchSource(data.Set, goal.Geometry(config), way.Augmentation, size, seed),
                    Validation = data.Validation,
                    Training = training with { LearningRate = result.GetValue(rate) ?? training.LearningRate },
                    Loss = way.Loss with { IndependentClasses = result.GetValue(loss) is { } kind ? kind == "sigmoid" : way.IndependentClasses },
                    // As published: the threshold is a probability of the network as it was trained.
                    Calibrate = false,
                    Choice = choice,
                    // The tumor recipe chooses after its third epoch.
                    ChoiceFrom = way == PatchRecipe.Tumor ? 3L * PatchRecipe.StepsPerEpoch(count, size) : 0,
                    Licence = result.GetValue(licence),
                    Warnings = data.Notes,
                };
            }
        });
        return command;
    }

    private static int Positive(int value, string name) => value > 0 ? value : throw new UsageException($"{name} {value}: give a positive number.");
}
