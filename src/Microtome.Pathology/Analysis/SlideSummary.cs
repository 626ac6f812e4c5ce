using System.Text.Json.Nodes;
using Microtome.Imaging;

namespace Microtome.Pathology;

/// <summary>The content of summary.json: every number that the report shows, units in the names.</summary>
internal static class SlideSummary
{
    public static JsonObject Make(SlideJob job, TissueResult tissue, NucleusStatistics? nuclei, NucleusModel? model, IReadOnlyList<PatchResult> patches, TumorTilResult? together)
    {
        var level0 = job.Slide.Levels[0];
        double area = tissue.Mask.AreaMm2 ?? 0;
        var warnings = Warnings(job, tissue, nuclei, model, area);
        var summary = new JsonObject
        {
            ["slide"] = job.Slide.Name,
            ["width_px"] = level0.Width,
            ["height_px"] = level0.Height,
            ["mpp_x"] = job.PixelSize.X,
            ["mpp_y"] = job.PixelSize.Y,
            ["mpp_source"] = job.PixelSize.Source.ToString(),
            ["tissue_area_mm2"] = Round(area, 4),
            ["tissue_fraction"] = Round(tissue.Mask.Share, 5),
            ["tissue_edited"] = tissue.Edited,
            ["pen_fraction"] = Round((double?)tissue.Details["pen_fraction"] ?? 0, 5),
            ["fold_fraction"] = Round((double?)tissue.Details["fold_fraction"] ?? 0, 5),
            ["blur_fraction"] = Round((double?)tissue.Details["blur_fraction"] ?? 0, 5),
        };
        if (nuclei is not null)
        {
            summary["nuclei_count"] = nuclei.Count;
            summary["nuclei_per_mm2"] = area > 0 ? Round(nuclei.Count / area, 1) : 0;
            Add(summary, "area_um2", nuclei.Area, 2);
            Add(summary, "perimeter_um", nuclei.Perimeter, 2);
            Add(summary, "eccentricity", nuclei.Eccentricity, 4);
            Add(summary, "solidity", nuclei.Solidity, 4);
            Add(summary, "haematoxylin_mean_od", nuclei.Haematoxylin, 4);
            Add(summary, "eosin_mean_od", nuclei.Eosin, 4);
            Add(summary, "probability", nuclei.Probability, 4);
            summary["density_square_um"] = nuclei.Density.SideMicrons;
        }

        foreach (var result in patches)
            AddPatches(summary, result, job.PixelSize, warnings);
        if (together is not null)
            AddTogether(summary, together);
        summary["warnings"] = new JsonArray([.. warnings.Select(w => JsonValue.Create(w))]);
        return summary;
    }

    private static List<string> Warnings(SlideJob job, TissueResult tissue, NucleusStatistics? nuclei, NucleusModel? model, double area)
    {
        var warnings = new List<string>(job.Slide.PixelSizeNotes);
        if (job.PixelSize.Source == PixelSizeSource.Magnification)
            warnings.Add("The pixel size comes from the nominal magnification alone: areas may be off by some percent. Give --mpp if you know it.");
        warnings.AddRange((tissue.Details["notes"] as JsonArray ?? []).Select(n => (string)n!));
        if (nuclei is { Count: 0 })
            warnings.Add(area > 0 ? "No nucleus was found in the tissue." : "There is no tissue, so there are no nuclei.");
        if (nuclei is not null && model is not null && job.PixelSize.Mean > 1.5 * model.Mpp)
            warnings.Add($"The slide was scanned at {job.PixelSize.Mean:0.###} um per pixel and enlarged to the {model.Mpp} of the network; borders of nuclei are less exact than at 40x.");
        return warnings;
    }

    private static void AddPatches(JsonObject summary, PatchResult result, PixelSize pixelSize, List<string> warnings)
    {
        string task = result.Model.Task.Name, title = MapPicture.Title(result.Model.Task);
        warnings.AddRange(result.Model.Warnings);
        float[] values = result.Map is { } map ? [.. map.Values.Samples.Where(static v => !float.IsNaN(v))] : [];
        int positive = values.Count(v => v >= (float)result.Model.Threshold);
        summary[task + "_patches"] = values.Length;
        summary[task + "_positive_patches"] = positive;
        summary[task + "_patch_um"] = Round(result.Model.Config.PatchUm, 4);
        summary[task + "_threshold"] = result.Model.Threshold;
        if (values.Length == 0)
        {
            warnings.Add($"{title}: there is no tissue to judge, so there is no map.");
            return;
        }

        double patchMm2 = result.Table.PatchWidth!.Value * pixelSize.X * result.Table.PatchHeight!.Value * pixelSize.Y / 1e6;
        summary[task + "_area_mm2"] = Round(positive * patchMm2, 4);
        summary[task + "_fraction"] = Round((double)positive / values.Length, 5);
        summary[task + "_mean_probability"] = Round(values.Average(), 5);
        if (positive == 0)
            warnings.Add($"{title}: no patch reaches the threshold of {result.Model.Threshold}.");
    }

    private static void AddTogether(JsonObject summary, TumorTilResult together)
    {
        if (together.Statistics is not { } statistics)
            return;
        summary["til_fraction_in_tumor"] = statistics.PercentPositive is { } share ? Round(share, 5) : null;
        summary["til_fraction_in_tumor_known"] = statistics.PercentPositiveKnown is { } known ? Round(known, 5) : null;
        var counts = together.Map!.Count();
        summary["combined_tumor_patches"] = counts.Tumor;
        summary["combined_til_patches"] = counts.Til;
        summary["combined_tumor_and_til_patches"] = counts.TumorAndTil;
        summary["combined_other_patches"] = counts.Tissue;
    }

    // Quantiles are exact to the width of the histogram's bins.
    private static void Add(JsonObject summary, string name, Histogram values, int digits)
    {
        summary[name + "_mean"] = Round(values.Mean, digits);
        foreach (var (label, share) in (ReadOnlySpan<(string, double)>)[("p05", 0.05), ("p25", 0.25), ("median", 0.5), ("p75", 0.75), ("p95", 0.95)])
            summary[$"{name}_{label}"] = Round(values.Quantile(share), digits);
    }

    private static double Round(double value, int digits) => Math.Round(value, digits);
}
