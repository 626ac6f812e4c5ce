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
        var labelled = new ManifestOptions();
        var command = new Command("quantize", "Measure what a nucleus model needs in 8-bit arithmetic and write it into its config.json.") { model };
        labelled.AddTo(command);
        command.SetAction(result =>
        {
            var common = CommonSettings.From(result);
            var pictures = labelled.Read(result);
            torch.set_num_threads(common.Threads);
            NucleusQuantization.Run(result.GetRequiredValue(model), [.. pictures.Of("train").AsParallel().AsOrdered().Select(row => TrainingImage.Load(row))], new AugmentationOptions(), (int)common.Seed);
            Answer.Line($"{ModelFolder.Find(result.GetRequiredValue(model)).Config}: ranges of the intermediate results and a self-test for int8 are written.");
            return ExitCode.Done;
        });
        return command;
    }
}
