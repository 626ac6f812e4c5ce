using System.CommandLine;
using Microtome.Imaging;
using Microtome.Learning.Models;
using Microtome.Learning.Supervision.InstanceMasks;
using Microtome.Pathology;
using Microtome.Torch;

namespace Microtome.Cli.Commands;

/// <summary><c>models quantize MODEL</c>: prepares a nucleus model for 8-bit arithmetic. <c>train nuclei</c> does it by itself.</summary>
internal static class ModelsQuantizeCommand
{
    public static Command Create()
    {
        var model = new Argument<string>("MODEL") { Description = "A model under models/ or the path of a model folder." };
        var manifest = new Option<FileInfo>("--manifest") { Description = $"CSV with the columns {Manifest.Header}; its training pictures are measured.", Required = true, HelpName = "FILE" };
        var data = new Option<DirectoryInfo?>("--data") { Description = "Folder that the manifest's relative paths count from (default: the manifest's own).", HelpName = "DIR" };
        var command = new Command("quantize", "Measure what a nucleus model needs in 8-bit arithmetic and write it into its config.json.") { model, manifest, data };
        command.SetAction(result =>
        {
            var common = CommonSettings.From(result);
            var file = result.GetRequiredValue(manifest);
            if (!file.Exists)
                throw new SlideException($"{file}: there is no such manifest. Give a CSV file with the columns {Manifest.Header}.");
            torch.set_num_threads(common.Threads);
            var rows = Manifest.Read(file.FullName, result.GetValue(data)?.FullName ?? file.DirectoryName!);
            NucleusQuantization.Run(result.GetRequiredValue(model), [.. rows.Of("train").AsParallel().AsOrdered().Select(row => TrainingImage.Load(row))], new AugmentationOptions(), (int)common.Seed);
            Answer.Line($"{ModelFolder.Find(result.GetRequiredValue(model)).Config}: ranges of the intermediate results and a self-test for int8 are written.");
            return ExitCode.Done;
        });
        return command;
    }
}
