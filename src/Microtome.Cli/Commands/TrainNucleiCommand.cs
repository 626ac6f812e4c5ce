using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microtome.Imaging;
using Microtome.Learning.Models;
using Microtome.Learning.Supervision.InstanceMasks;
using Microtome.Learning.Training;
using Microtome.Networks;
using Microtome.Pathology;
using Microtome.Torch;

namespace Microtome.Cli.Commands;

/// <summary><c>train nuclei</c>: the nucleus network from instance masks.</summary>
internal static class TrainNucleiCommand
{
    public static Command Create()
    {
        var labelled = new ManifestOptions();
        var defaults = new TrainingOptions();
        var steps = new Option<int>("--steps") { Description = "Optimiser steps.", DefaultValueFactory = _ => defaults.Steps, HelpName = "N" };
        var batch = new Option<int>("--batch") { Description = "Crops a step.", DefaultValueFactory = _ => defaults.Batch, HelpName = "N" };
        var crop = new Option<int>("--crop") { Description = "Side of a crop, pixels; a multiple of the network's stride.", DefaultValueFactory = _ => defaults.CropSize, HelpName = "PX" };
        var rate = new Option<double>("--learning-rate") { Description = "Highest learning rate.", DefaultValueFactory = _ => defaults.LearningRate, HelpName = "X" };
        var widths = new Option<string>("--widths") { Description = "Channels of each level, finest first.", DefaultValueFactory = _ => string.Join(',', new UNetOptions().Widths), HelpName = "N,N,..." };
        var stem = new Option<int>("--stem") { Description = "Side of the square of pixels that the first layer folds into channels: 1 keeps every pixel, 2 is faster and coarser.", DefaultValueFactory = _ => new UNetOptions().StemFactor, HelpName = "N" };
        var augmentation = new Option<double>("--augmentation") { Description = "Strength of the augmentation: 1 as it is, 0 rotation and mirroring only.", DefaultValueFactory = _ => 1, HelpName = "X" };
        var start = new Option<string?>("--start") { Description = "A model whose weights are the start instead of fresh ones. Its network shape is kept; --widths makes it wider.", HelpName = "MODEL" };
        var part = new Option<string>("--part") { Description = "How labels that may hold several nuclei (column instances below 1) are parted: shape (by their own waists) or start (by what the network of --start sees).", DefaultValueFactory = _ => "shape", HelpName = "BY" };
        part.AcceptOnlyFromAmong("shape", "start");
        var command = new Command("nuclei", "Train the nucleus network from instance masks. The same command goes on with a run that was stopped.")
        {
            steps, batch, crop, rate, widths, stem, augmentation, start, part,
        };
        labelled.AddTo(command);
        command.SetAction((result, cancellation) =>
        {
            var common = CommonSettings.From(result);
            var pictures = labelled.Read(result);
            var model = result.GetValue(start);
            var network = model is not null ? ModelConfig.Read(ModelFolder.Find(model).Config).Network : new UNetOptions { StemFactor = Positive(result.GetValue(stem), "--stem") };
            if (model is null || result.GetResult(widths) is { Implicit: false })
                network = network with { Widths = ParseWidths(result.GetRequiredValue(widths)) };
            var parting = result.GetRequiredValue(part) == "start" ? ComponentParting.Start : ComponentParting.Shape;
            if (parting == ComponentParting.Start && model is null)
                throw new UsageException("--part start: the labels are parted by the network that training starts from, and there is none. Give --start MODEL, or leave --part out.");
            var training = defaults with
            {
                Steps = Positive(result.GetValue(steps), "--steps"),
                Batch = Positive(result.GetValue(batch), "--batch"),
                CropSize = Positive(result.GetValue(crop), "--crop"),
                LearningRate = result.GetValue(rate),
                Seed = (int)common.Seed,
            };
            if (training.CropSize % network.Stride != 0)
                throw new UsageException($"--crop {training.CropSize}: the network folds {network.Stride} pixels into one, give a multiple of {network.Stride}.");
            torch.set_num_threads(common.Threads);
            var run = new NucleusTraining
            {
                Manifest = pictures,
                Folder = common.Output ?? "nuclei-run",
                Start = model,
                Parting = parting,
                Network = network,
                Training = training,
                Augmentation = new AugmentationOptions().Times(Strength(result.GetValue(augmentation))),
            };
            var scores = run.Run(Answer.Log, cancellation);
            LossCurve.Print(run.Folder);
            if (common.Json)
                Answer.Json(new JsonObject { ["model"] = Path.Combine(run.Folder, "model"), ["validation"] = JsonSerializer.SerializeToNode(scores, JsonSerializerOptions.Web) });
            else
                Answer.Line($"The model is in {Path.Combine(run.Folder, "model")}.");
            return Task.FromResult(ExitCode.Done);
        });
        return command;
    }

    private static int Positive(int value, string name) => value > 0 ? value : throw new UsageException($"{name} {value}: give a positive number.");

    private static double Strength(double value) => value is >= 0 and <= 2 ? value : throw new UsageException($"--augmentation {value}: give a number from 0 to 2.");

    private static int[] ParseWidths(string text) =>
        [.. text.Split(',').Select(part => int.TryParse(part, NumberStyles.None, CultureInfo.InvariantCulture, out var width) && width > 0
            ? width
            : throw new UsageException($"--widths '{text}': give positive whole numbers with commas between them, as 16,48,96,160."))];
}
