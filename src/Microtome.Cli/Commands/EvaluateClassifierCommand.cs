using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;
using Microtome.Imaging;
using Microtome.Learning.Models;
using Microtome.Learning.Supervision.CellLabels;
using Microtome.Pathology;

namespace Microtome.Cli.Commands;

/// <summary><c>evaluate classifier</c>: a patch classifier on fields with marked cells, split by patient.</summary>
internal static class EvaluateClassifierCommand
{
    /// <summary>Patches of evaluation overlap by half: fields hold few whole ones.</summary>
    public const double Overlap = 0.5;

    public static Command Create()
    {
        var model = new Argument<string>("model") { Description = "A model of 'models list' or the path of a model folder." };
        var labelled = new ManifestOptions();
        var split = new Option<string>("--split") { Description = "Which patients: train, validation or test.", DefaultValueFactory = _ => "test", HelpName = "NAME" };
        split.AcceptOnlyFromAmong("train", "validation", "test");
        var task = new Option<string?>("--task") { Description = "til or tumor, when the model does not say.", HelpName = "NAME" };
        var record = new Option<bool>("--record") { Description = "Write the figures into the model's microtome.json." };
        var command = new Command("classifier", "Score a patch classifier on fields with marked cells: AUC, F1 at its threshold, calibration, intervals by patient.") { model, split, task, record };
        labelled.AddTo(command);
        command.SetAction((result, _) =>
        {
            var common = CommonSettings.From(result);
            var opened = PatchModel.Find(result.GetRequiredValue(model));
            var goal = PatchTask.Named(result.GetValue(task) ?? opened.Task ?? throw new UsageException($"{opened.Name} does not say what it finds: give --task til or tumor."));
            var rows = labelled.Read(result).Of(result.GetRequiredValue(split)).ToList();
            if (rows.Count == 0)
                throw new SlideException($"{labelled.FileOf(result)}: no row has split '{result.GetValue(split)}'.");
            var patches = rows.AsParallel().AsOrdered().Select(CellField.Load).SelectMany(field => CellPatchSource.Grid(field, goal.Rule, goal.Geometry(opened.Config), Overlap)).ToList();
            int positive = opened.PositiveClass ?? throw new UsageException($"{opened.Name} has the classes {string.Join(", ", opened.Config.ClassNames)} and does not say which one is positive.");
            double[] probabilities;
            using (var network = PatchClassifier.Open(opened.Folder.Location, common.Device, common.Threads))
                probabilities = PatchEvaluation.Predict(network, patches, positive);
            var evaluation = PatchEvaluation.Of(probabilities, patches, opened.Threshold);
            var answer = Describe(evaluation);
            if (result.GetValue(record))
            {
                var path = Path.Combine(opened.Folder.Location, PatchModelNotes.FileName);
                var measured = (JsonObject)answer.DeepClone();
                measured["data"] = $"{rows.Count} fields of {evaluation.Patients} patients, split '{result.GetValue(split)}' of {labelled.FileOf(result).Name}";
                AtomicFile.WriteAllText(path, (opened.Notes with { Measured = System.Text.Json.JsonSerializer.SerializeToElement(measured) }).ToJson());
            }

            if (common.Json)
            {
                Answer.Json(answer);
            }
            else
            {
                var scores = evaluation.Scores;
                Answer.Line(string.Create(CultureInfo.InvariantCulture, $"{scores.Count} patches ({scores.Positives} positive) of {evaluation.Patients} patients; intervals of 95 % over patients"));
                Answer.Line(string.Create(CultureInfo.InvariantCulture, $"  AUC        {scores.Auc:F4}  [{evaluation.AucInterval.Low:F4}, {evaluation.AucInterval.High:F4}]"));
                Answer.Line(string.Create(CultureInfo.InvariantCulture, $"  F1         {scores.F1:F4}  [{evaluation.F1Interval.Low:F4}, {evaluation.F1Interval.High:F4}]  at the threshold {scores.Threshold}"));
                Answer.Line(string.Create(CultureInfo.InvariantCulture, $"  accuracy   {scores.Accuracy:F4}  [{evaluation.AccuracyInterval.Low:F4}, {evaluation.AccuracyInterval.High:F4}]"));
                Answer.Line(string.Create(CultureInfo.InvariantCulture, $"  precision  {scores.Precision:F4}, recall {scores.Recall:F4}, calibration error {scores.Ece:F4}"));
            }

            return Task.FromResult(ExitCode.Done);
        });
        return command;
    }

    /// <summary>An evaluation as JSON.</summary>
    public static JsonObject Describe(PatchEvaluation evaluation)
    {
        var scores = evaluation.Scores;
        JsonNode? Number(double value) => double.IsNaN(value) ? null : Math.Round(value, 4);
        JsonArray Interval((double Low, double High) interval) => [Number(interval.Low), Number(interval.High)];
        return new JsonObject
        {
            ["patches"] = scores.Count,
            ["positive"] = scores.Positives,
            ["patients"] = evaluation.Patients,
            ["auc"] = Number(scores.Auc),
            ["auc_interval_95"] = Interval(evaluation.AucInterval),
            ["threshold"] = scores.Threshold,
            ["f1"] = Number(scores.F1),
            ["f1_interval_95"] = Interval(evaluation.F1Interval),
            ["accuracy"] = Number(scores.Accuracy),
            ["accuracy_interval_95"] = Interval(evaluation.AccuracyInterval),
            ["precision"] = Number(scores.Precision),
            ["recall"] = Number(scores.Recall),
            ["calibration_error"] = Number(scores.Ece),
        };
    }
}
