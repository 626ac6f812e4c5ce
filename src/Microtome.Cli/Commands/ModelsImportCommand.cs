using System.CommandLine;
using System.Text.Json.Nodes;
using Microtome.Imaging;
using Microtome.Learning.Models;

namespace Microtome.Cli.Commands;

/// <summary><c>models import FOLDER</c>: takes a patch model in the WSInfer zoo's layout into the user's models.</summary>
internal static class ModelsImportCommand
{
    public static Command Create()
    {
        var folder = new Argument<string>("FOLDER") { Description = "A folder with config.json (WSInfer zoo, spec 1.0) and torchscript_model.pt or model.safetensors." };
        var name = new Option<string?>("--name") { Description = "The name to give (default: that of the folder).", HelpName = "NAME" };
        var task = new Option<string?>("--task") { Description = "What the model finds.", HelpName = "til|tumor" };
        var positive = new Option<string?>("--positive-class") { Description = "The class whose probability is mapped (default: the second of two).", HelpName = "CLASS" };
        var threshold = new Option<double?>("--threshold") { Description = "The probability from which a patch counts as positive (default: 0.5).", HelpName = "X" };
        var force = new Option<bool>("--force") { Description = "Replace a model of the same name." };
        var command = new Command("import", "Check a model folder, record its self-test and copy it into your models.") { folder, name, task, positive, threshold, force };
        command.SetAction(parsed =>
        {
            var common = CommonSettings.From(parsed);
            var (find, cut) = (parsed.GetValue(task), parsed.GetValue(threshold));
            if (find is not (null or "til" or "tumor"))
                throw new UsageException($"--task '{find}': give til or tumor, or leave it out.");
            if (cut is { } x && x is not (>= 0 and <= 1))
                throw new UsageException($"--threshold {x}: give a probability from 0 to 1.");
            var model = new PatchModelImport
            {
                Name = parsed.GetValue(name),
                Task = find,
                PositiveClass = parsed.GetValue(positive),
                Threshold = cut,
                Force = parsed.GetValue(force),
            }.Run(parsed.GetRequiredValue(folder));
            if (common.Json)
                Answer.Json(ModelsListCommand.Describe(model.Folder));
            else
                Answer.Line($"{model.Name}: {string.Join(", ", model.Config.ClassNames)} in patches of {model.Config.PatchUm} um; it answers, its self-test is recorded. It is in {model.Folder.Location}");
            return ExitCode.Done;
        });
        return command;
    }
}
