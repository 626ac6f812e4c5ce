using System.Globalization;
using System.Text.Json.Nodes;
using Microtome.Imaging;

namespace Microtome.Pathology;

/// <summary>Gathers what a report shows.</summary>
internal sealed class ReportBuilder(SlideJob job, NucleusModel? model)
{
    private const double CropMicrons = 128;
    private const int CropPixels = 480;
    private const int CropsPerGroup = 3;
    private static readonly string[] s_quantiles = ["_mean", "_p05", "_p25", "_median", "_p75", "_p95"];

    public ReportContent Build(TissueResult tissue, NucleiResult? nuclei, NucleusStatistics? statistics, JsonObject summary, IReadOnlyList<PatchResult> patches, TumorTilResult? together)
    {
        var level0 = job.Slide.Levels[0];
        return new ReportContent
        {
            Title = job.Slide.Name,
            Subtitle = string.Create(CultureInfo.InvariantCulture, $"{Format(job.Slide.Format)} · {level0.Width:#,##0} × {level0.Height:#,##0} px · {Axis.Text(level0.Width * job.PixelSize.X / 1000)} × {Axis.Text(level0.Height * job.PixelSize.Y / 1000)} mm · {job.PixelSize.Mean:0.####} µm per pixel ({Source(job.PixelSize.Source)})"),
            Figures = Figures(summary, statistics),
            Warnings = [.. summary["warnings"]!.AsArray().Select(w => (string)w!)],
            Width = level0.Width,
            Height = level0.Height,
            PixelSize = job.PixelSize,
            Thumbnail = File.ReadAllBytes(job.Folder.PathOf(TissueStep.ThumbnailName)),
            Tissue = tissue.Mask.Polygons(),
            Density = statistics?.Density,
            Maps = [.. Maps(patches, together)],
            Distributions = statistics is null or { Count: 0 } ? [] :
            [
                new ReportDistribution("Nuclear area", "area, µm²", statistics.Area),
                new ReportDistribution("Haematoxylin in the nucleus", "mean optical density of haematoxylin", statistics.Haematoxylin),
            ],
            Crops = nuclei is null || statistics is null ? [] : Crops(nuclei, statistics.Density),
            Numbers = Numbers(summary),
            Quantiles = statistics is null or { Count: 0 } ? [] : Quantiles(statistics),
            Provenance = [.. Provenance(tissue), .. patches.SelectMany(ProvenanceOf)],
        };
    }

    private static List<ReportFigure> Figures(JsonObject summary, NucleusStatistics? statistics)
    {
        double Value(string name) => (double?)summary[name] ?? 0;
        var figures = new List<ReportFigure>
        {
            new("Tissue", Axis.Text(Value("tissue_area_mm2")), "mm²", string.Create(CultureInfo.InvariantCulture, $"{Axis.Text(Value("tissue_fraction") * 100)} % of the slide")),
        };
        if (statistics is not null)
        {
            figures.Add(new("Nuclei", statistics.Count.ToString("#,##0", CultureInfo.InvariantCulture), string.Empty, "whose centre lies in tissue"));
            figures.Add(new("Density", Axis.Text(Value("nuclei_per_mm2")), "per mm²", "mean over the tissue"));
            figures.Add(new("Median nuclear area", Axis.Text(Value("area_um2_median")), "µm²", $"middle half {Axis.Text(Value("area_um2_p25"))} to {Axis.Text(Value("area_um2_p75"))}"));
        }

        if (summary["tumor_area_mm2"] is { } area)
            figures.Add(new("Tumor", Axis.Text((double)area), "mm²", $"{Axis.Text(Value("tumor_fraction") * 100)} % of the patches judged"));
        if (summary["til_fraction"] is { } share)
            figures.Add(new("Lymphocytes", Axis.Text((double)share * 100), "%", "of the 50 µm patches hold two or more"));
        if (summary["til_fraction_in_tumor"] is { } inside)
            figures.Add(new("Lymphocytes in tumor", Axis.Text((double)inside * 100), "%", "of the tumor's area"));
        figures.Add(new("Out of focus", Axis.Text(Value("blur_fraction") * 100), "%", $"folds {Axis.Text(Value("fold_fraction") * 100)} %, pen {Axis.Text(Value("pen_fraction") * 100)} %"));
        return figures;
    }

    private static IEnumerable<ReportMap> Maps(IReadOnlyList<PatchResult> patches, TumorTilResult? together)
    {
        foreach (var result in patches.OrderByDescending(p => p.Model.Task.Name, StringComparer.Ordinal))
        {
            if (result.Map is { } map)
            {
                yield return new ReportMap(MapPicture.Title(result.Model.Task), MapPicture.Overlay(map), MapPicture.ProbabilityLegend(),
                    string.Create(CultureInfo.InvariantCulture, $"Model {result.Model.Name}, one square a patch of {Axis.Text(result.Model.Config.PatchUm)} µm; positive from {result.Model.Threshold:0.###} on. Squares outside of tissue are clear."));
            }
        }

        if (together?.Map is { } combined && patches.FirstOrDefault(p => p.Model.Task == PatchTask.Til)?.Map is { } til)
            yield return new ReportMap("Both", MapPicture.Overlay(combined, til), MapPicture.ClassLegend(), "Colours as published: tumor yellow, lymphocytes red, both orange. The tumor map is blurred by one patch for this picture, not for the numbers.");
    }

    private static IEnumerable<(string Name, string Value)> ProvenanceOf(PatchResult result)
    {
        yield return (MapPicture.Title(result.Model.Task) + " model", string.Create(CultureInfo.InvariantCulture, $"{result.Model.Name}, threshold {result.Model.Threshold}"));
        yield return ("SHA-256 of its weights", result.Model.Sha256);
    }

    /// <summary>The fullest squares, those around the median and some at random (seeded), far enough apart to show different places.</summary>
    private List<ReportCrop> Crops(NucleiResult nuclei, DensityMap map)
    {
        int[] ranked = map.Ranked();
        var crops = new List<ReportCrop>();
        var taken = new List<Level0Point>();
        Pick("Densest squares", ranked.Reverse());
        Pick("Squares of median density", ranked.OrderBy(i => Math.Abs(Array.IndexOf(ranked, i) - (ranked.Length / 2))));
        ulong seed = (ulong)job.Settings.Seed;
        Pick("Squares at random", ranked.OrderBy(i => Mix((ulong)i + (seed * 0x9E3779B97F4A7C15))));
        return crops;

        void Pick(string group, IEnumerable<int> squares)
        {
            int count = 0;
            foreach (int square in squares)
            {
                var centre = map.Centre(square);
                if (taken.Any(t => Math.Abs(t.X - centre.X) * job.PixelSize.X < CropMicrons && Math.Abs(t.Y - centre.Y) * job.PixelSize.Y < CropMicrons))
                    continue;
                taken.Add(centre);
                crops.Add(Crop(group, centre, nuclei));
                if (++count == CropsPerGroup)
                    break;
            }
        }
    }

    private ReportCrop Crop(string group, Level0Point centre, NucleiResult nuclei)
    {
        var level0 = job.Slide.Levels[0];
        long width = Math.Min(level0.Width, (long)Math.Round(CropMicrons / job.PixelSize.X)), height = Math.Min(level0.Height, (long)Math.Round(CropMicrons / job.PixelSize.Y));
        long left = Math.Clamp((long)(centre.X - (width / 2.0)), 0, level0.Width - width), top = Math.Clamp((long)(centre.Y - (height / 2.0)), 0, level0.Height - height);
        var area = new Level0Rect(left, top, width, height);

        // A grid whose pixels fall on the crop: enlarged where the slide is coarse, so that outlines and picture agree to a fraction of a pixel.
        double scale = width / (double)CropPixels;
        var grid = new AnalysisGrid(scale, scale);
        var place = new GridRect((long)Math.Round(left / scale), (long)Math.Round(top / scale), CropPixels, Math.Max(1, (int)Math.Round(height / scale)));
        var picture = job.Slide.ReadGrid(grid, place);
        var outlines = NucleusGeoPackageReader.Read(nuclei.GeoPackage, area).ToList();
        double mm2 = width * job.PixelSize.X * height * job.PixelSize.Y / 1e6;
        return new ReportCrop(group, area, Encoder.Jpeg(picture, 86), [.. outlines.Select(n => n.Polygon)], outlines.Count(n => area.Contains(n.Centroid)) / mm2);
    }

    private static List<ReportFigure> Numbers(JsonObject summary)
    {
        var numbers = new List<ReportFigure>();
        foreach (var (name, value) in summary)
        {
            if (value is not JsonValue number || number.GetValueKind() != System.Text.Json.JsonValueKind.Number || s_quantiles.Any(q => name.EndsWith(q, StringComparison.Ordinal)))
                continue;
            var (label, unit) = Unit(name);
            double shown = unit.StartsWith('%') ? (double)number * 100 : (double)number;
            numbers.Add(new ReportFigure(label, name.EndsWith("_px", StringComparison.Ordinal) || name.EndsWith("count", StringComparison.Ordinal) ? shown.ToString("#,##0", CultureInfo.InvariantCulture) : Axis.Text(shown, 4), unit));
        }

        return numbers;
    }

    private static List<ReportQuantiles> Quantiles(NucleusStatistics statistics)
    {
        ReportQuantiles Row(string name, string unit, Histogram values) =>
            new(name, unit, [values.Mean, .. new[] { 0.05, 0.25, 0.5, 0.75, 0.95 }.Select(values.Quantile)]);
        return
        [
            Row("area", "µm²", statistics.Area),
            Row("perimeter", "µm", statistics.Perimeter),
            Row("eccentricity", string.Empty, statistics.Eccentricity),
            Row("solidity", string.Empty, statistics.Solidity),
            Row("haematoxylin, mean", "OD", statistics.Haematoxylin),
            Row("eosin, mean", "OD", statistics.Eosin),
            Row("probability", string.Empty, statistics.Probability),
        ];
    }

    private static (string Label, string Unit) Unit(string name)
    {
        if (name == "tissue_fraction")
            return ("tissue", "% of slide");
        foreach (var (suffix, unit) in (ReadOnlySpan<(string, string)>)
        [
            ("_per_mm2", "per mm²"), ("_mm2", "mm²"), ("_um2", "µm²"), ("_um", "µm"), ("_px", "px"), ("_od", "OD"), ("_fraction_in_tumor", "% of tumor"), ("_fraction", "% of tissue"),
        ])
        {
            int at = name.IndexOf(suffix, StringComparison.Ordinal);
            if (at >= 0)
                return (Words(suffix == "_per_mm2" ? name[..at] + " density" : name.Remove(at, suffix.Length)), unit);
        }

        return name.StartsWith("mpp", StringComparison.Ordinal) ? (name.Replace("mpp_", "pixel size ", StringComparison.Ordinal), "µm") : (Words(name), string.Empty);
    }

    private static string Words(string name) => name.Replace('_', ' ');

    private List<(string Name, string Value)> Provenance(TissueResult tissue)
    {
        var rows = new List<(string, string)>
        {
            ("Program", "Microtome " + ProgramVersion.Short),
            ("Slide file", Path.GetFileName(job.Slide.Path)),
            ("Fingerprint of the slide", job.Fingerprint.Value),
            ("Pixel size", string.Create(CultureInfo.InvariantCulture, $"{job.PixelSize.X} × {job.PixelSize.Y} µm, {Source(job.PixelSize.Source)}")),
            ("Tissue", tissue.Edited ? "outline edited by hand" : $"preset {job.Settings.Tissue.Preset}, threshold {Axis.Text((double?)tissue.Details["threshold_od"] ?? 0)} OD"),
        };
        if (model is not null && job.Settings.Nuclei)
        {
            var grid = AnalysisGrid.For(job.PixelSize, model.Mpp);
            var (x, y) = grid.MicronsPerPixel(job.PixelSize);
            rows.Add(("Nucleus model", model.Name));
            rows.Add(("SHA-256 of its weights", model.Sha256));
            rows.Add(("Network resolution", string.Create(CultureInfo.InvariantCulture, $"{x:0.####} × {y:0.####} µm per pixel (trained at {model.Mpp})")));
        }

        return rows;
    }

    private static string Format(string format) => format switch
    {
        "synthetic" => "Synthetic slide",
        _ => string.Concat(format[..1].ToUpperInvariant(), format[1..]),
    };

    private static string Source(PixelSizeSource source) => source switch
    {
        PixelSizeSource.User => "given with --mpp",
        PixelSizeSource.Vendor => "from the scanner",
        PixelSizeSource.ResolutionTag => "from the resolution tags",
        PixelSizeSource.Magnification => "from the magnification",
        _ => "by construction",
    };

    private static ulong Mix(ulong h)
    {
        h ^= h >> 30;
        h *= 0xBF58476D1CE4E5B9;
        h ^= h >> 27;
        h *= 0x94D049BB133111EB;
        return h ^ (h >> 31);
    }
}
