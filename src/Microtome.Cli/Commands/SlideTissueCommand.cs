using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;
using Microtome.Imaging;

namespace Microtome.Cli;

/// <summary><c>slide tissue SLIDE -o DIR</c>: where the tissue is, as mask, as outlines to edit, and as a picture to judge both.</summary>
internal static class SlideTissueCommand
{
    public static Command Create()
    {
        Argument<string> slide = SlideOptions.Slide();
        Option<string?> mpp = SlideOptions.Mpp();
        var preset = new Option<string>("--preset")
        {
            Description = "Kind of specimen: resection, biopsy, pale or ihc.",
            HelpName = "NAME",
            DefaultValueFactory = _ => TissueOptions.Resection.Preset,
        };
        var edited = new Option<string?>("--geojson") { Description = "Take the tissue from this edited tissue.geojson instead of finding it.", HelpName = "FILE" };
        var command = new Command("tissue", "Find the tissue (-o DIR): tissue.png, tissue.geojson and tissue-overlay.jpg.") { slide, mpp, preset, edited };
        command.SetAction((result, cancellation) => Task.FromResult(
            Run(result.GetValue(slide)!, result.GetValue(mpp), result.GetValue(preset)!, result.GetValue(edited), CommonSettings.From(result), cancellation)));
        return command;
    }

    private static int Run(string path, string? mpp, string preset, string? edited, CommonSettings settings, CancellationToken cancellation)
    {
        if (settings.Output is not { } folder)
            throw new UsageException("slide tissue needs -o DIR, the folder for tissue.png, tissue.geojson and tissue-overlay.jpg.");
        TissueOptions options = TissueOptions.Named(preset);
        using ISlide slide = SlideOptions.Open(path, mpp);
        TissueMask tissue = edited is null
            ? TissueMask.Detect(slide, options, settings.Threads, cancellation)
            : TissueMask.FromGeoJson(slide, edited, options);
        tissue.WritePng(Path.Combine(folder, "tissue.png"));
        tissue.WriteGeoJson(Path.Combine(folder, "tissue.geojson"));
        ImageFile.WriteJpeg(Path.Combine(folder, "tissue-overlay.jpg"), TissueOverlay.Draw(slide, tissue));
        if (settings.Json)
        {
            Answer.Json(new JsonObject
            {
                ["path"] = Path.GetFullPath(folder),
                ["tissue_area_mm2"] = tissue.AreaMm2,
                ["tissue_share"] = tissue.Share,
                ["pieces"] = tissue.Polygons().Count,
                ["pen_share"] = tissue.Pen.Share,
                ["fold_share"] = tissue.Folds.Share,
                ["blur_share"] = tissue.Blur.Share,
                ["preset"] = edited is null ? options.Preset : null,
                ["threshold_od"] = tissue.Threshold,
                ["scale_x"] = tissue.Grid.ScaleX,
                ["scale_y"] = tissue.Grid.ScaleY,
                ["notes"] = new JsonArray([.. tissue.Notes.Select(n => (JsonNode)n)]),
            });
            return ExitCode.Done;
        }

        string area = tissue.AreaMm2 is { } mm2 ? string.Create(CultureInfo.InvariantCulture, $"{mm2:0.00} mm2 of tissue") : "tissue of unknown area";
        Answer.Line(string.Create(CultureInfo.InvariantCulture, $"{slide.Name}: {area}, {tissue.Share * 100:0.0} % of the slide, {tissue.Polygons().Count} pieces"));
        foreach (string note in tissue.Notes)
            Answer.Line($"  note: {note}");
        Answer.Line($"{folder}: tissue.png, tissue.geojson, tissue-overlay.jpg");
        return ExitCode.Done;
    }
}
