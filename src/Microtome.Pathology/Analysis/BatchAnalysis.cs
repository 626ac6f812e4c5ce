using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microtome.Imaging;

namespace Microtome.Pathology;

/// <summary>
/// Many slides, one after the other. A slide that fails becomes a row with its reason in <c>summary.json</c> and <c>summary.md</c> of the output folder; the rest is
/// done. Rows of slides that are not in this run are kept.
/// </summary>
public sealed class BatchAnalysis
{
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
    private readonly AnalysisSettings settings;
    private readonly NucleusModel? model;
    private readonly IAnalysisLog log;
    private readonly IReadOnlyList<PatchMapModel> maps;
    private readonly Action<string>? done;

    /// <summary>Makes a batch.</summary>
    /// <param name="settings">What to do.</param>
    /// <param name="model">The nucleus network, or null.</param>
    /// <param name="log">Who is told.</param>
    /// <param name="maps">Classifiers of patches whose maps are wanted.</param>
    /// <param name="done">Told the name of each slide whose results are complete.</param>
    public BatchAnalysis(AnalysisSettings settings, NucleusModel? model, IAnalysisLog log, IReadOnlyList<PatchMapModel>? maps = null, Action<string>? done = null)
    {
        this.done = done;
        this.maps = maps ?? [];
        this.settings = settings;
        this.model = model;
        this.log = log;
    }

    /// <summary>Analyses the slides and writes the summaries.</summary>
    /// <returns>One row per slide of this run, in order: its summary, or <c>{slide, path, error}</c>.</returns>
    /// <exception cref="PartialFailureException">Some slides failed; the rows of all are written.</exception>
    /// <exception cref="SlideException">The only slide failed.</exception>
    public IReadOnlyList<JsonObject> Run(IReadOnlyList<SlideInput> slides, CancellationToken cancellation)
    {
        using var analysis = new SlideAnalysis(settings, model, log, maps: maps);
        var rows = new List<JsonObject>();
        Exception? last = null;
        foreach (var input in slides)
        {
            cancellation.ThrowIfCancellationRequested();
            try
            {
                rows.Add(analysis.Run(input, cancellation));
                rows[^1]["path"] = input.Path;
                done?.Invoke((string)rows[^1]["slide"]!);
            }
            catch (Exception e) when (e is SlideException or IOException or UnauthorizedAccessException or InvalidDataException)
            {
                last = e;
                rows.Add(new JsonObject { ["slide"] = Path.GetFileNameWithoutExtension(input.Path), ["path"] = input.Path, ["error"] = e.Message });
                if (slides.Count > 1)
                    log.Say(e.Message);
            }

            if (slides.Count > 1 || last is null)
                WriteSummaries(rows);
        }

        int failed = rows.Count(r => r.ContainsKey("error"));
        if (failed > 0 && slides.Count == 1)
            System.Runtime.ExceptionServices.ExceptionDispatchInfo.Throw(last!);
        if (failed > 0)
            throw new PartialFailureException($"{failed} of {slides.Count} slides failed; the reasons are in {Path.Combine(settings.Output, "summary.md")}.", last!);
        return rows;
    }

    private void WriteSummaries(List<JsonObject> rows)
    {
        string path = Path.Combine(settings.Output, "summary.json");
        // A disk that refuses the summary has refused the slide before, with its own message.
        try
        {
            using var turn = Turn();
            // What a killed run left; nobody else can be writing while it is our turn.
            foreach (string left in Directory.GetFiles(settings.Output, ".summary.*.tmp"))
                File.Delete(left);
            var all = new SortedDictionary<string, JsonObject>(StringComparer.Ordinal);
            foreach (var row in Known(path).Concat(rows))
                all[(string?)row["slide"] ?? string.Empty] = row;
            var array = new JsonArray([.. all.Values.Select(r => r.DeepClone())]);
            AtomicFile.WriteAllText(path, new JsonObject { ["slides"] = array }.ToJsonString(Indented) + "\n");
            AtomicFile.WriteAllText(Path.Combine(settings.Output, "summary.md"), Table(all.Values));
        }
        catch (IOException e) when (rows[^1].ContainsKey("error"))
        {
            log.Say(e.Message);
        }
    }

    // Two runs on other slides of one output both add their rows: one at a time, or rows are lost.
    private FileStream Turn()
    {
        Directory.CreateDirectory(settings.Output);
        string path = Path.Combine(settings.Output, ".summary.lock");
        for (int tries = 0; ; tries++)
        {
            try
            {
                return new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, 1, FileOptions.DeleteOnClose);
            }
            catch (IOException) when (tries < 200 && File.Exists(path))
            {
                Thread.Sleep(50);
            }
        }
    }

    private static List<JsonObject> Known(string path)
    {
        try
        {
            return File.Exists(path) ? [.. JsonNode.Parse(File.ReadAllText(path))!["slides"]!.AsArray().Select(r => (JsonObject)r!.DeepClone())] : [];
        }
        catch (Exception e) when (e is JsonException or NullReferenceException or InvalidOperationException or InvalidCastException)
        {
            return [];
        }
    }

    private static string Table(IEnumerable<JsonObject> rows)
    {
        var text = new StringBuilder("# Slides\n\n| slide | tissue, mm² | nuclei | nuclei per mm² | median area, µm² | tumor, mm² | TIL share of tissue | TIL share in tumor | remarks |\n|---|---:|---:|---:|---:|---:|---:|---:|---|\n");
        foreach (var row in rows)
        {
            string Number(string name, string format) => row[name] is JsonValue value ? ((double)value).ToString(format, CultureInfo.InvariantCulture) : string.Empty;
            string remark = row["error"] is { } error ? "failed: " + (string)error! : string.Join(' ', (row["warnings"] as JsonArray ?? []).Select(w => (string)w!));
            text.Append(CultureInfo.InvariantCulture, $"| {Cell((string?)row["slide"])} | {Number("tissue_area_mm2", "0.###")} | {Number("nuclei_count", "0")} | {Number("nuclei_per_mm2", "0")} | {Number("area_um2_median", "0.0")} | {Number("tumor_area_mm2", "0.###")} | {Number("til_fraction", "0.0000")} | {Number("til_fraction_in_tumor", "0.0000")} | {Cell(remark)} |\n");
        }

        return text.ToString();

        static string Cell(string? value) => (value ?? string.Empty).ReplaceLineEndings(" ").Replace("|", "\\|", StringComparison.Ordinal);
    }
}
