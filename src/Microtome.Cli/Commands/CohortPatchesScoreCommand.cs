using System.CommandLine;
using System.Text.Json.Nodes;
using Microtome.Cohorts;
using Microtome.Imaging;

namespace Microtome.Cli.Commands;

/// <summary><c>cohort patches score</c>: our masks against those drawn by hand.</summary>
internal static class CohortPatchesScoreCommand
{
    private static readonly string[] s_columns = ["dice", "aji", "f1", "pq", "det_f1"];

    public static Command Create()
    {
        var folder = new Argument<string>("DIR") { Description = "The folder of patches, ours or a published set in the same layout." };
        var crosswalk = new Option<string?>("--crosswalk") { Description = "The table of the patches (default: DIR/crosswalk.csv); a published one needs Patch-ID and CancerType.", HelpName = "FILE" };
        var verdicts = new Option<string?>("--verdicts") { Description = "Table of 'cohort quality' or of a reviewer, to put both levels into one table.", HelpName = "FILE" };
        var border = new Option<string>("--border") { Description = "Nuclei that the border cuts: ignore leaves them out of AJI, F1, PQ and detection; keep counts them.", HelpName = "ignore|keep", DefaultValueFactory = static _ => "ignore" };
        border.AcceptOnlyFromAmong("ignore", "keep");
        var command = new Command("score", "Dice, AJI, F1, PQ and detection of patches with masks drawn by hand, by type with intervals over slides; a row a slide (-o FILE.csv).") { folder, crosswalk, verdicts, border };
        command.SetAction((parsed, _) => Task.Run(() => Run(CommonSettings.From(parsed), parsed.GetValue(folder)!, parsed.GetValue(crosswalk), parsed.GetValue(verdicts), parsed.GetValue(border) == "keep" ? PatchBorderRule.Keep : PatchBorderRule.Ignore)));
        return command;
    }

    private static int Run(CommonSettings settings, string folder, string? crosswalk, string? verdictFile, PatchBorderRule rule)
    {
        if (!Directory.Exists(folder))
            throw new SlideException($"{folder}: there is no such folder. 'microtome cohort patches sample' makes one.");
        if (crosswalk is null && !File.Exists(Path.Combine(folder, PatchQueue.CrosswalkName)))
            throw new SlideException($"{folder} holds no {PatchQueue.CrosswalkName}: name a folder that 'microtome cohort patches sample' made, or the table of a published set with --crosswalk.");
        var queue = PatchQueue.Read(folder, crosswalk);
        var verdicts = verdictFile is null ? new Dictionary<string, (SlideVerdict, string)>(StringComparer.Ordinal) : QualityTable.ReadVerdicts(verdictFile);
        var failed = new JsonArray();
        var scores = PatchScores.Of(queue, rule, unchecked((int)settings.Seed), (patch, reason) =>
        {
            Answer.Log($"microtome: {reason}");
            failed.Add(new JsonObject { ["patch"] = patch.Id, ["error"] = reason });
        });
        if (scores.All is null && scores.Raters is null)
            throw new SlideException(failed.Count > 0 ? $"None of the patches of {folder} could be scored. {(string)failed[0]!["error"]!}" : $"{folder}: none of {queue.Patches.Count} patches has a mask drawn by hand yet (ID_labeled_mask_corrected.png).");
        if (settings.Output is { } file)
            AtomicFile.WriteAllText(file, scores.Table(verdicts));
        PatchFigures[] rows = [.. scores.Types.Where(_ => scores.Types.Count > 1 || scores.Types[0].Type.Length > 0), .. new[] { scores.All, scores.Raters, scores.RatersAgainstUs }.OfType<PatchFigures>()];
        if (settings.Json)
        {
            Answer.Json(new JsonObject
            {
                ["border"] = rule == PatchBorderRule.Keep ? "keep" : "ignore",
                ["draws"] = PatchFigures.Draws,
                ["seed"] = settings.Seed,
                ["waiting"] = scores.Waiting,
                ["types"] = new JsonArray([.. rows.Select(Json)]),
                ["patches"] = new JsonArray([.. scores.Patches.Select(Json)]),
                ["errors"] = failed,
            });
        }
        else
        {
            Print(rows, scores, rule, settings.Seed);
        }

        return failed.Count == 0 ? ExitCode.Done : throw new PartialFailureException($"{failed.Count} of {queue.Patches.Count} patches could not be scored; the figures are over the others.");
    }

    private static void Print(PatchFigures[] rows, PatchScores scores, PatchBorderRule rule, long seed)
    {
        int width = Math.Max(6, rows.Max(static r => r.Type.Length));
        Answer.Line($"{"type".PadRight(width)} patches slides{string.Concat(s_columns.Select(static c => c.PadLeft(24)))}");
        foreach (var row in rows)
            Answer.Line($"{row.Type.PadRight(width)} {row.Patches,7} {row.Slides,6}{string.Concat(s_columns.Select(c => Text(row.Figures[c])))}");
        foreach (var row in rows.Where(static r => r.Type == "all"))
            Answer.Line($"{"pooled".PadRight(width)} {row.Patches,7} {row.Slides,6}{string.Concat(s_columns.Select(c => Text(row.Figures[c + "_pooled"])))}");
        Answer.Line($"Means over patches; 95 % intervals over slides ({PatchFigures.Draws} draws, seed {seed}). Nuclei that the border cuts: {(rule == PatchBorderRule.Keep ? "kept" : "left out, but for Dice")}. Patches without a mask: {scores.Waiting}.");

        static string Text(PatchFigures.Figure f) => (FormattableString.Invariant($"{f.Value:0.0000}") + (double.IsNaN(f.Low) ? string.Empty : FormattableString.Invariant($" ({f.Low:0.000}-{f.High:0.000})"))).PadLeft(24);
    }

    private static JsonNode Json(PatchFigures row)
    {
        var node = new JsonObject { ["type"] = row.Type, ["patches"] = row.Patches, ["slides"] = row.Slides };
        foreach (var (name, f) in row.Figures)
            node[name] = new JsonObject { ["value"] = Number(f.Value), ["low_95"] = Number(f.Low), ["high_95"] = Number(f.High) };
        return node;
    }

    private static JsonNode Json(PatchScore p)
    {
        var s = p.Objects.Scores;
        return new JsonObject
        {
            ["id"] = p.Patch.Id,
            ["slide"] = p.Patch.Slide,
            ["type"] = p.Patch.Type,
            ["dice"] = p.Dice,
            ["aji"] = s.Aji,
            ["f1"] = s.F1,
            ["pq"] = s.Pq,
            ["det_f1"] = s.DetectionF1,
            ["true_nuclei"] = s.TruthObjects,
            ["predicted_nuclei"] = s.PredictedObjects,
        };
    }

    private static JsonNode? Number(double value) => double.IsFinite(value) ? JsonValue.Create(value) : null;
}
