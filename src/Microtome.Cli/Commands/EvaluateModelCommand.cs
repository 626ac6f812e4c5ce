using System.CommandLine;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microtome.Imaging;
using Microtome.Learning.Models;
using Microtome.Learning.Supervision.InstanceMasks;
using Microtome.Pathology;
using Microtome.Torch;

namespace Microtome.Cli.Commands;

/// <summary><c>evaluate model</c>: a nucleus model on the labelled pictures of one split.</summary>
internal static class EvaluateModelCommand
{
    public static Command Create()
    {
        var model = new Argument<string>("model") { Description = "A model under models/ or the path of a model folder." };
        var labelled = new ManifestOptions();
        var split = new Option<string>("--split") { Description = "Which patients: train, validation or test.", DefaultValueFactory = _ => "test", HelpName = "NAME" };
        split.AcceptOnlyFromAmong("train", "validation", "test");
        var flips = new Option<int>("--flips") { Description = "Mirrored and turned copies to average: 1, 2, 4 or 8.", DefaultValueFactory = _ => 1, HelpName = "N" };
        var reduce = new Option<int>("--reduce") { Description = "Reduce the pictures that many times first, as a 20x slide would be (2).", DefaultValueFactory = _ => 1, HelpName = "N" };
        var tune = new Option<bool>("--tune") { Description = "Search the post-processing parameters on the validation patients and write the best into the model's config.json." };
        var precision = PrecisionOption.Create();
        var command = new Command("model", "Score a nucleus model on labelled pictures, split by patient.") { model, split, flips, reduce, tune, precision };
        labelled.AddTo(command);
        command.SetAction((result, _) =>
        {
            var common = CommonSettings.From(result);
            var pictures = labelled.Read(result);
            torch.set_num_threads(common.Threads);
            torch.set_flush_denormal(true);
            var name = result.GetRequiredValue(model);
            if (result.GetValue(tune))
            {
                var folder = ModelFolder.Find(name);
                var (best, _) = NucleusTuning.Run(name, [.. pictures.Of("validation")], result.GetValue(flips), PrecisionOption.Of(result.GetValue(precision)), Answer.Log);
                AtomicFile.WriteAllText(folder.Config, (ModelConfig.Read(folder.Config) with { Postprocessing = ModelConfig.Element(best) }).ToJson());
            }

            var rows = pictures.Of(result.GetRequiredValue(split)).ToList();
            if (rows.Count == 0)
                throw new SlideException($"{labelled.FileOf(result)}: no row has split '{result.GetValue(split)}'.");
            var options = new NucleusEvaluationOptions { Flips = result.GetValue(flips), Reduce = Math.Max(1, result.GetValue(reduce)), Precision = PrecisionOption.Of(result.GetValue(precision)) };
            var evaluation = NucleusEvaluation.Run(name, rows, options, Answer.Log);
            if (common.Json)
            {
                Answer.Json(new JsonObject
                {
                    ["split"] = result.GetValue(split),
                    ["patients"] = rows.Select(row => row.Patient).Distinct(StringComparer.Ordinal).Count(),
                    ["images"] = new JsonArray([.. evaluation.Images.Select(image => (JsonNode)new JsonObject
                    {
                        ["name"] = image.Name,
                        ["scores"] = JsonSerializer.SerializeToNode(image.Scores, JsonSerializerOptions.Web),
                    })]),
                    ["mean"] = JsonSerializer.SerializeToNode(evaluation.Mean, JsonSerializerOptions.Web),
                    ["seconds_per_mm2"] = evaluation.SecondsPerMm2,
                });
            }

            return Task.FromResult(ExitCode.Done);
        });
        return command;
    }
}
