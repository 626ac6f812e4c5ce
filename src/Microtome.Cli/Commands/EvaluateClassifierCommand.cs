using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;
using Microtome.Imaging;
using Microtome.Learning.Models;
using Microtome.Learning.Supervision.CellLabels;
using Microtome.Learning.Supervision.Patches;
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
        var labelled = new ManifestOptions(required: false);
        var files = new Option<string?>("--patches") { Description = "Labelled patches instead of fields: a folder of SLIDE_X_Y_PX_PY_SIDE_LABEL.png (subfolders name the group) or a CSV with image,group and perhaps patient,split.", HelpName = "PATH" };
        var slides = new Option<string?>("--slides") { Description = $"With --patches: CSV with the columns {SlideList.Header}, for their group, patient and split.", HelpName = "FILE" };
        var split = new Option<string>("--split") { Description = "Which patients: train, validation or test.", DefaultValueFactory = _ => "test", HelpName = "NAME" };
        split.AcceptOnlyFromAmong("train", "validation", "test");
        var task = new Option<string?>("--task") { Description = "til or tumor, when the model does not say.", HelpName = "NAME" };
        var record = new Option<bool>("--record") { Description = "Write the figures into the model's microtome.json." };
        var command = new Command("classifier", "Score a patch classifier on fields with marked cells or on labelled patches: AUC, F1 at its threshold, calibration, intervals by patient; by group where patches have one.") { model, files, slides, split, task, record };
        labelled.AddTo(command);
        command.SetAction((result, _) =>
        {
            var common = CommonSettings.From(result);
            var opened = PatchModel.Find(result.GetRequiredValue(model));
            var goal = PatchTask.Named(result.GetValue(task) ?? opened.Task ?? throw new UsageException($"{opened.Name} does not say what it finds: give --task til or tumor."));
            string part = result.GetRequiredValue(split);
            var (patches, source) = result.GetValue(files) is { } path ? FromFiles(path, result.GetValue(slides), part, opened.Config.PatchSizePixels) : FromFields();
            int positive = opened.PositiveClass ?? throw new UsageException($"{opened.Name} has the classes {string.Join(", ", opened.Config.ClassNames)} and does not say which one is positive.");
            double[] probabilities;
            using (var network = PatchClassifier.Open(opened.Folder.Location, common.Device, common.Threads))
                probabilities = PatchEvaluation.Predict(network, patches, positive);
            var evaluation = PatchEvaluation.Of(probabilities, patches, opened.Threshold);
            var answer = Describe(evaluation);
            var groups = Groups(probabilities, patches, opened.Threshold);
            int ties = probabilities.Count(p => p == opened.Threshold);
            answer["positive_from"] = "probability >= threshold";
            answer["at_threshold"] = ties;
            if (groups.Count > 1)
                answer["groups"] = new JsonArray([.. groups.Select(g => { var one = Describe(g.Evaluation); one["group"] = g.Group; return (JsonNode)one; })]);
            if (result.GetValue(record))
            {
                var notes = Path.Combine(opened.Folder.Location, PatchModelNotes.FileName);
                var measured = (JsonObject)answer.DeepClone();
                measured["data"] = source;
                AtomicFile.WriteAllText(notes, (opened.Notes with { Measured = System.Text.Json.JsonSerializer.SerializeToElement(measured) }).ToJson());
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
                Answer.Line(string.Create(CultureInfo.InvariantCulture, $"  positive from the threshold on (>=); {ties} patches lie exactly on it, which a strict > would call negative"));
                foreach (var (group, own) in groups.Where(_ => groups.Count > 1))
                    Answer.Line(string.Create(CultureInfo.InvariantCulture, $"  {group}: {own.Scores.Count} patches ({own.Scores.Positives} positive), AUC {own.Scores.Auc:F4}, F1 {own.Scores.F1:F4} [{own.F1Interval.Low:F4}, {own.F1Interval.High:F4}], accuracy {own.Scores.Accuracy:F4}, precision {own.Scores.Precision:F4}, recall {own.Scores.Recall:F4}"));
                Answer.Line(string.Create(CultureInfo.InvariantCulture, $"  precision  {scores.Precision:F4}, recall {scores.Recall:F4}, calibration error {scores.Ece:F4}"));
            }

            return Task.FromResult(ExitCode.Done);

            (List<LabelledPatch> Patches, string Source) FromFields()
            {
                var rows = labelled.Read(result).Of(part).ToList();
                if (rows.Count == 0)
                    throw new SlideException($"{labelled.FileOf(result)}: no row has split '{part}'.");
                var cut = rows.AsParallel().AsOrdered().Select(CellField.Load).SelectMany(field => CellPatchSource.Grid(field, goal.Rule, goal.Geometry(opened.Config), Overlap)).ToList();
                return (cut, $"{rows.Count} fields of {rows.Select(r => r.Patient).Distinct(StringComparer.Ordinal).Count()} patients, split '{part}' of {labelled.FileOf(result).Name}");
            }
        });
        return command;
    }

    private static (List<LabelledPatch> Patches, string Source) FromFiles(string path, string? slides, string split, int pixels)
    {
        var found = PatchFolder.Read(path, slides is null ? null : SlideList.Read(slides), split).Of(split);
        if (found.Count == 0)
            throw new SlideException($"{path}: no patch belongs to split '{split}'.");
        return (found.AsParallel().AsOrdered().Select(p => p.Middle(pixels)).ToList(), $"{found.Count} labelled patches of {Path.GetFileName(Path.TrimEndingDirectorySeparator(path))}, split '{split}'");
    }

    // Pooled figures are of all patches together, so counts are summed (micro average); these stand beside them, since a pooled figure hides a group that fails.
    private static List<(string Group, PatchEvaluation Evaluation)> Groups(double[] probabilities, List<LabelledPatch> patches, double threshold) =>
        [.. Enumerable.Range(0, patches.Count).GroupBy(i => patches[i].Group, StringComparer.Ordinal).OrderBy(g => g.Key, StringComparer.Ordinal).Select(g =>
            (g.Key.Length == 0 ? "(no group)" : g.Key, PatchEvaluation.Of([.. g.Select(i => probabilities[i])], [.. g.Select(i => patches[i])], threshold)))];

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
