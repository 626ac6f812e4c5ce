using System.CommandLine;
using System.Text.Json.Nodes;
using Microtome.Imaging;
using Microtome.Learning.Supervision.CellLabels;
using Microtome.Learning.Supervision.Patches;
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
        var supervision = new Option<string>("--supervision") { Description = "Where labels come from. masks: every cell of the fields is marked.", DefaultValueFactory = _ => "masks", HelpName = "KIND" };
        supervision.AcceptOnlyFromAmong("masks");
        var labelled = new ManifestOptions();
        var architecture = new Option<string>("--architecture") { Description = $"The network: {string.Join(", ", PatchClassifiers.Names)}.", DefaultValueFactory = _ => "patchnet", HelpName = "NAME" };
        architecture.AcceptOnlyFromAmong([.. PatchClassifiers.Names]);
        var steps = new Option<int>("--steps") { Description = "Optimiser steps.", DefaultValueFactory = _ => 2000, HelpName = "N" };
        var batch = new Option<int>("--batch") { Description = "Patches a step.", DefaultValueFactory = _ => 48, HelpName = "N" };
        var rate = new Option<double>("--learning-rate") { Description = "Highest learning rate.", DefaultValueFactory = _ => defaults.LearningRate, HelpName = "X" };
        var loss = new Option<string>("--loss") { Description = "softmax (classes exclude each other) or sigmoid (each class for itself, as published for lymphocytes).", DefaultValueFactory = _ => "softmax", HelpName = "KIND" };
        loss.AcceptOnlyFromAmong("softmax", "sigmoid");
        var licence = new Option<string?>("--licence") { Description = "The licence of the weights, which follows from the training data.", HelpName = "NAME" };
        var command = new Command("classifier", "Train a patch classifier. The same command goes on with a run that was stopped.") { task, supervision, architecture, steps, batch, rate, loss, licence };
        labelled.AddTo(command);
        command.SetAction((result, cancellation) =>
        {
            var common = CommonSettings.From(result);
            var goal = PatchTask.Named(result.GetRequiredValue(task));
            var config = goal.Config(result.GetRequiredValue(architecture));
            var training = defaults with
            {
                Steps = Positive(result.GetValue(steps), "--steps"),
                Batch = Positive(result.GetValue(batch), "--batch"),
                CropSize = config.InputSize.Width,
                LearningRate = result.GetValue(rate),
                Seed = (int)common.Seed,
            };
            torch.set_num_threads(common.Threads);
            var pictures = labelled.Read(result);
            var geometry = goal.Geometry(config);
            IReadOnlyList<CellField> Fields(string split) => [.. pictures.Of(split).AsParallel().AsOrdered().Select(CellField.Load)];
            var run = new PatchTraining
            {
                Folder = common.Output ?? $"{goal.Name}-run",
                Name = goal.Name,
                Task = goal,
                Config = config,
                Supervision = new CellPatchSource(Fields("train"), goal.Rule, geometry, CellPatchSource.DefaultAugmentation, training.Batch, training.Seed, PatchNet.CellTypes, PatchNet.CellStride),
                Validation = [.. Fields("validation").SelectMany(field => CellPatchSource.Grid(field, goal.Rule, geometry, EvaluateClassifierCommand.Overlap))],
                Training = training,
                Loss = new PatchLoss { IndependentClasses = result.GetValue(loss) == "sigmoid" },
                Licence = result.GetValue(licence),
            };
            var evaluation = run.Run(Answer.Log, cancellation);
            string model = Path.Combine(run.Folder, "model");
            if (common.Json)
                Answer.Json(new JsonObject { ["model"] = model, ["validation"] = evaluation is null ? null : EvaluateClassifierCommand.Describe(evaluation) });
            else
                Answer.Line($"The model is in {model}.");
            return Task.FromResult(ExitCode.Done);
        });
        return command;
    }

    private static int Positive(int value, string name) => value > 0 ? value : throw new UsageException($"{name} {value}: give a positive number.");
}
