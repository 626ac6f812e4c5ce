using System.CommandLine;
using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microtome.Imaging;
using Microtome.Pathology;

namespace Microtome.Cli.Commands;

/// <summary><c>til align</c>: a tumor map and a lymphocyte map of one slide on one grid, counted and drawn.</summary>
internal static class TilAlignCommand
{
    public static Command Create()
    {
        var tumor = new Option<string>("--tumor") { Description = "Table of tumor patches: WSInfer CSV or lines of 'x y probability'; may be gzipped.", HelpName = "FILE", Required = true };
        var til = new Option<string>("--til") { Description = "Table of lymphocyte patches of the same slide.", HelpName = "FILE", Required = true };
        var tumorCut = TilOptions.TumorThreshold();
        var tilCut = TilOptions.TilThreshold();
        var tumorClass = TilOptions.TumorClass();
        var tilClass = TilOptions.TilClass();
        var command = new Command("align", "Put the tumor and lymphocyte maps of a slide on one grid; with -o DIR also pictures and statistics.json.") { tumor, til, tumorCut, tilCut, tumorClass, tilClass };
        command.SetAction((parsed, _) => Task.Run(() => Run(
            CommonSettings.From(parsed),
            parsed.GetValue(tumor)!,
            parsed.GetValue(til)!,
            parsed.GetValue(tumorClass),
            parsed.GetValue(tilClass),
            new AlignmentOptions { TumorThreshold = parsed.GetValue(tumorCut), TilThreshold = parsed.GetValue(tilCut) })));
        return command;
    }

    private static int Run(CommonSettings settings, string tumorFile, string tilFile, string? tumorClass, string? tilClass, AlignmentOptions options)
    {
        var slide = TilOptions.Align(tumorFile, tilFile, tumorClass, tilClass, options);
        string name = PatchTable.SlideOf(tilFile);
        if (PatchTable.SlideOf(tumorFile) != name)
            Answer.Log($"note: the tables are named after two slides, {PatchTable.SlideOf(tumorFile)} and {name}.");
        if (slide.Alignment.Statistics.Apart)
            Answer.Log($"note: {TilOptions.Apart}");
        var combined = CombinedMap.Merge(slide.Tumor, slide.Til, options.TilThreshold);
        var json = ToJson(name, slide, combined.Count(), options);
        if (settings.Output is { } folder)
        {
            combined.Write(Path.Combine(folder, "combined.png"));
            combined.WriteClassView(Path.Combine(folder, "classes.png"));
            ImageFile.WritePng(Path.Combine(folder, "overlay.png"), slide.Alignment.Draw());
            // The tables do not say how large the slide is: the map's far edges stand for it.
            var (columns, rows) = (slide.Til.Columns, slide.Til.Rows);
            FeatureMap.WriteFeatures(Path.Combine(folder, "features.json"), combined, (long)Math.Ceiling(columns.Edge(columns.Count)), (long)Math.Ceiling(rows.Edge(rows.Count)), (columns.Step, rows.Step), name);
            FeatureMap.WriteHeatmap(Path.Combine(folder, "heatmap.json"), combined, name, (columns.Start, rows.Start), (columns.Step, rows.Step), (options.TilThreshold, options.TumorThreshold), name);
            AtomicFile.WriteAllText(Path.Combine(folder, "statistics.json"), json.ToJsonString(new JsonSerializerOptions { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }) + "\n");
        }

        if (settings.Json)
        {
            Answer.Json(json);
            return ExitCode.Done;
        }

        var s = slide.Alignment.Statistics;
        Answer.Line($"{name}: {Share(s.PercentPositive, "of the tumor is infiltrated", "no tumor")}");
        Answer.Line(string.Create(CultureInfo.InvariantCulture, $"  n_Canc {s.TumorCells:0.##}, n_TIL {s.TilCells:0.##}, overlap {s.OverlapCells:0.##} fine cells ({s.Numerator} x {s.Numerator} a tumor patch, {s.Denominator} x {s.Denominator} a lymphocyte patch); percent_pos {TilTable.Number(s.PercentPositive)}, patchRatio {TilTable.Number(s.PatchRatio)}"));
        Answer.Line(string.Create(CultureInfo.InvariantCulture, $"  {s.TumorPatches} of {slide.Tumor.Known} tumor patches and {s.TilPatches} of {slide.Til.Known} lymphocyte patches are positive"));
        if (s.UnknownCells > 0)
            Answer.Line($"  {Share(s.UnknownCells / s.TumorCells, "of the tumor lies where the lymphocyte map has no patch", "")}; without it {Share(s.PercentPositiveKnown, "is infiltrated", "nothing is known")}");
        foreach (var subtype in slide.Subtypes)
            Answer.Line(string.Create(CultureInfo.InvariantCulture, $"  {subtype.Name}: {subtype.Patches} patches, {subtype.Share * 100:0.0} % of the tumor, {Share(subtype.PercentPositive, "infiltrated", "none")}"));
        if (settings.Output is not null)
            Answer.Line($"{settings.Output}: combined.png, classes.png, overlay.png, features.json, heatmap.json, statistics.json");
        return ExitCode.Done;
    }

    private static string Share(double? share, string what, string none) =>
        share is { } value ? string.Create(CultureInfo.InvariantCulture, $"{value * 100:0.00} % {what}") : none;

    private static JsonObject ToJson(string name, TilOptions.Slide slide, CombinedMapCounts counts, AlignmentOptions options)
    {
        var s = slide.Alignment.Statistics;
        var json = new JsonObject
        {
            ["slideID"] = name,
            ["n_Canc_patch"] = s.TumorCells,
            ["n_TIL_patch"] = s.TilCells,
            ["n_TIL_patch_overlap"] = s.OverlapCells,
            ["percent_pos"] = s.PercentPositive,
            ["patchRatio"] = s.PatchRatio,
            ["n_unknown"] = s.UnknownCells,
            ["percent_pos_known"] = s.PercentPositiveKnown,
            ["fine_cells_per_tumor_patch_side"] = s.Numerator,
            ["fine_cells_per_til_patch_side"] = s.Denominator,
            ["tumor_patches"] = slide.Tumor.Known,
            ["tumor_patches_positive"] = s.TumorPatches,
            ["til_patches"] = slide.Til.Known,
            ["til_patches_positive"] = s.TilPatches,
            ["tumor_threshold"] = options.TumorThreshold,
            ["til_threshold"] = options.TilThreshold,
            ["combined_map"] = TilStatsCommand.ToJson(counts),
        };
        if (slide.Subtypes.Count > 0)
        {
            json["slide_level_call"] = slide.Subtypes.MaxBy(static t => t.Patches) is { Patches: > 0 } most ? most.Name : null;
            json["subtypes"] = new JsonArray([.. slide.Subtypes.Select(static t => (JsonNode)new JsonObject
            {
                ["name"] = t.Name,
                ["n_patch"] = t.Patches,
                ["share_of_tumor"] = t.Share,
                ["n_TIL_patch_overlap"] = t.OverlapCells,
                ["percent_pos"] = t.PercentPositive,
            })]);
        }

        return json;
    }
}
