using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;
using Microtome.Cli.Commands;
using Microtome.Imaging;
using Microtome.Pathology;

namespace Microtome.Cli;

/// <summary><c>analyze SLIDE... -o OUT</c>: tissue, nuclei, tumor and lymphocyte maps and a report for each slide.</summary>
internal static class AnalyzeCommand
{
    /// <summary>Where results go unless said otherwise.</summary>
    public const string DefaultOutput = "microtome-results";

    private static readonly string[] s_parts = ["tissue", "nuclei", "til", "tumor"];

    public static Command Create()
    {
        var slides = SlideOptions.Slides();
        slides.Description = "Slides, ordinary pictures, synthetic:WIDTHxHEIGHT, or a .csv with the columns slide and mpp.";
        var mpp = SlideOptions.Mpp();
        var only = new Option<string?>("--only") { Description = "What to find: some of tissue,nuclei,til,tumor (default: all).", HelpName = "WHAT" };
        var preset = new Option<string>("--preset") { Description = "How tissue is found: resection, biopsy, pale or ihc.", HelpName = "NAME", DefaultValueFactory = static _ => "resection" };
        var tile = new Option<int?>("--tile") { Description = "Side of a tile in pixels of the network (default: chosen from the tissue). It changes no result.", HelpName = "N" };
        var geoJson = new Option<bool>("--geojson") { Description = "Also write nuclei.geojson.gz, til.geojson and tumor.geojson for QuPath." };
        var quip = new Option<bool>("--quip") { Description = "Also write the polygon CSVs of the QuIP data set." };
        var model = new Option<string>("--model") { Description = "The nucleus model: a name of 'models list', or a folder.", HelpName = "NAME", DefaultValueFactory = static _ => "nuclei" };
        var tilModel = PatchMapCommand.Model(PatchTask.Til, "--til-model");
        var tumorModel = PatchMapCommand.Model(PatchTask.Tumor, "--tumor-model");
        var batch = PatchMapCommand.BatchSize();
        var flips = new Option<int>("--flips") { Description = "Mirrored and turned copies of each window to average: 1 is fastest, 8 most accurate.", HelpName = "1|2|4|8", DefaultValueFactory = static _ => 1 };
        var precision = PrecisionOption.Create();
        var block = new Option<int>("--block") { Description = "Side of a window of the network.", DefaultValueFactory = static _ => 768, Hidden = true };
        var halo = new Option<int>("--network-halo") { Description = "Context around a window.", DefaultValueFactory = static _ => 64, Hidden = true };
        var command = new Command("analyze", "Find tissue, nuclei, tumor and lymphocytes of slides and write a report for each.") { slides, mpp, only, preset, tile, geoJson, quip, model, tilModel, tumorModel, flips, precision, batch, block, halo };
        command.SetAction((result, cancellation) =>
        {
            var common = CommonSettings.From(result);
            var parts = Only(result.GetValue(only));
            bool nuclei = parts.Contains("nuclei");
            var settings = new AnalysisSettings
            {
                Output = common.Output ?? DefaultOutput,
                Nuclei = nuclei,
                Tissue = TissueOptions.Named(result.GetValue(preset)!),
                TileSize = Tile(result.GetValue(tile)),
                BlockSize = Multiple("--block", result.GetValue(block), 64, 4096),
                NetworkHalo = Multiple("--network-halo", result.GetValue(halo), 0, 256),
                Threads = common.Threads,
                BatchSize = common.Device == "cpu" ? 1 : 4,
                PatchBatchSize = PatchMapCommand.BatchSize(result.GetValue(batch)),
                Device = common.Device,
                GeoJson = result.GetValue(geoJson),
                Quip = result.GetValue(quip),
                Seed = common.Seed,
                CommandLine = Environment.GetCommandLineArgs(),
            };
            var inputs = Inputs(result.GetValue(slides)!, SlideOptions.ParsePixelSize(result.GetValue(mpp))?.Mean);
            var network = nuclei ? NucleusModels.Open(result.GetValue(model)!, common.Device, common.Threads, Flips(result.GetValue(flips)), precision: PrecisionOption.Of(result.GetValue(precision)), workers: common.Device == "cpu" ? Math.Min(common.Threads, MostWorkers) : 1) : null;
            var maps = new List<PatchMapModel>();
            if (parts.Contains("til"))
                maps.Add(PatchMapModel.Open(result.GetValue(tilModel)!, PatchTask.Til, common.Device, common.Threads));
            if (parts.Contains("tumor"))
                maps.Add(PatchMapModel.Open(result.GetValue(tumorModel)!, PatchTask.Tumor, common.Device, common.Threads));
            return Task.FromResult(Run(settings, network, inputs, common, cancellation, maps));
        });
        return command;
    }

    // Each worker holds the activations of a window (about 100 MB): more cores than this work inside the windows.
    private const int MostWorkers = 4;

    internal static int Run(AnalysisSettings settings, NucleusModel? model, IReadOnlyList<SlideInput> inputs, CommonSettings common, CancellationToken cancellation, IReadOnlyList<PatchMapModel>? maps = null, Action<string>? done = null)
    {
        var rows = new BatchAnalysis(settings, model, new AnalysisConsole(), maps, done).Run(inputs, cancellation);
        if (common.Json)
            Answer.Json(rows.Count == 1 ? rows[0].DeepClone() : new JsonObject { ["slides"] = new JsonArray([.. rows.Select(r => r.DeepClone())]) });
        else
            Print(rows, settings.Output);
        return ExitCode.Done;
    }

    private static void Print(IReadOnlyList<JsonObject> rows, string output)
    {
        foreach (var row in rows)
        {
            string name = (string)row["slide"]!;
            Answer.Line(string.Create(CultureInfo.InvariantCulture, $"{name}"));
            Answer.Line(string.Create(CultureInfo.InvariantCulture, $"  tissue       {(double)row["tissue_area_mm2"]!:0.###} mm2 ({100 * (double)row["tissue_fraction"]!:0.#} % of the slide)"));
            if (row["nuclei_count"] is { } count)
            {
                Answer.Line(string.Create(CultureInfo.InvariantCulture, $"  nuclei       {(long)count:#,##0} ({(double)row["nuclei_per_mm2"]!:#,##0} per mm2)"));
                Answer.Line(string.Create(CultureInfo.InvariantCulture, $"  median area  {(double)row["area_um2_median"]!:0.#} um2"));
            }

            if (row["tumor_area_mm2"] is { } tumor)
                Answer.Line(string.Create(CultureInfo.InvariantCulture, $"  tumor        {(double)tumor:0.###} mm2 ({100 * (double)row["tumor_fraction"]!:0.#} % of {(long)row["tumor_patches"]!:#,##0} patches)"));
            if (row["til_fraction"] is { } til)
                Answer.Line(string.Create(CultureInfo.InvariantCulture, $"  lymphocytes  {100 * (double)til:0.#} % of {(long)row["til_patches"]!:#,##0} patches"));
            if (row["til_fraction_in_tumor"] is { } inside)
                Answer.Line(string.Create(CultureInfo.InvariantCulture, $"  in tumor     {100 * (double)inside:0.#} % of its area"));
            foreach (var warning in row["warnings"]!.AsArray())
                Answer.Line($"  note         {(string)warning!}");
            Answer.Line($"  report       {Path.GetFullPath(Path.Combine(output, name, "report.html"))}");
        }
    }

    private static HashSet<string> Only(string? only)
    {
        if (only is null)
            return [.. s_parts];
        string[] parts = only.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        foreach (string part in parts)
        {
            if (!s_parts.Contains(part, StringComparer.Ordinal))
                throw new UsageException($"--only '{part}': {string.Join(", ", s_parts)} can be found.");
        }

        return [.. parts];
    }

    private static int Flips(int flips) => flips is 1 or 2 or 4 or 8 ? flips : throw new UsageException($"--flips {flips}: give 1, 2, 4 or 8.");

    private static int? Tile(int? tile)
    {
        if (tile is < 64 or > 8192)
            throw new UsageException($"--tile {tile}: it must lie in 64 to 8192.");
        return tile;
    }

    private static int Multiple(string option, int value, int least, int most)
    {
        int unit = least == 0 ? 32 : 64;
        if (value < least || value > most || value % unit != 0)
            throw new UsageException($"{option} {value}: it must be a multiple of {unit} from {least} to {most}.");
        return value;
    }

    // A list gives a pixel size per slide; a relative path in it starts at the list.
    internal static List<SlideInput> Inputs(string[] slides, double? mpp)
    {
        var inputs = new List<SlideInput>();
        foreach (string slide in slides)
        {
            if (!slide.EndsWith(".csv", StringComparison.OrdinalIgnoreCase))
            {
                inputs.Add(new SlideInput(slide, mpp));
                continue;
            }

            string[] lines = File.ReadAllLines(slide);
            string[] header = lines.Length == 0 ? [] : [.. lines[0].Split(',').Select(h => h.Trim())];
            int path = Array.IndexOf(header, "slide"), size = Array.IndexOf(header, "mpp");
            if (path < 0)
                throw new UsageException($"{slide}: the first line must name the columns, slide and (optionally) mpp.");
            for (int i = 1; i < lines.Length; i++)
            {
                if (string.IsNullOrWhiteSpace(lines[i]))
                    continue;
                string[] cells = lines[i].Split(',');
                if (cells.Length != header.Length)
                    throw new UsageException($"{slide}, line {i + 1}: {cells.Length} cells where the header has {header.Length}.");
                string place = cells[path].Trim(), text = size < 0 ? string.Empty : cells[size].Trim();
                if (!place.StartsWith(Slide.SyntheticPrefix, StringComparison.OrdinalIgnoreCase))
                    place = Path.Combine(Path.GetDirectoryName(Path.GetFullPath(slide))!, place);
                inputs.Add(new SlideInput(place, text.Length == 0 ? mpp : SlideOptions.ParsePixelSize(text)!.Mean));
            }
        }

        return inputs;
    }
}
