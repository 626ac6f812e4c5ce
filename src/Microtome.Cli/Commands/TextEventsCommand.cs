using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;
using Microtome.Imaging;
using Microtome.Learning.Training;

namespace Microtome.Cli.Commands;

/// <summary><c>text events</c>: the metrics of training runs as TensorBoard reads them.</summary>
internal static class TextEventsCommand
{
    public static Command Create()
    {
        var run = new Argument<string>("RUN") { Description = "The folder of a training run (of any 'train' or 'text pretrain'), or one that holds several." };
        var command = new Command("events", "Write the metrics of training runs as event files for TensorBoard (tensorboard --logdir FOLDER).") { run };
        command.SetAction(result => Run(CommonSettings.From(result), result.GetRequiredValue(run)));
        return command;
    }

    private static int Run(CommonSettings settings, string folder)
    {
        if (!Directory.Exists(folder))
            throw new UsageException($"{folder}: there is no such folder. Name the folder of a training run, with its {TrainingMetrics.FileName}.");
        var runs = RunFolders.Find(folder, int.MaxValue);
        if (runs.Count == 0)
            throw new UsageException($"{folder}: there is no {TrainingMetrics.FileName} in it, nor up to two levels below. Name the folder of a training run.");
        string output = settings.Output ?? "microtome-events", root = Path.GetFullPath(folder);
        var files = new JsonArray();
        foreach (var run in runs)
        {
            // TensorBoard takes each folder for a run.
            string inside = Path.GetRelativePath(root, run.Folder);
            var (path, numbers) = EventFile.Convert(run, Path.GetFullPath(Path.Combine(output, inside == "." ? run.Name : inside)));
            files.Add(new JsonObject { ["run"] = run.Folder, ["file"] = path, ["numbers"] = numbers });
            if (!settings.Json)
                Answer.Line(string.Create(CultureInfo.InvariantCulture, $"{path}: {numbers:N0} numbers"));
        }

        if (settings.Json)
            Answer.Json(new JsonObject { ["files"] = files });
        return ExitCode.Done;
    }
}
