using System.Collections.Concurrent;
using System.Formats.Tar;
using System.Globalization;
using System.IO.Compression;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microtome.Imaging;
using Microtome.Pathology;

namespace Microtome.Cohorts;

/// <summary>
/// Writes the nuclei of a cohort as a data set: a folder per format and cancer type, and <c>manifest.json</c> with totals and the hash of every file. Slides whose verdict is
/// bad are left out, and named. What is there already and up to date is not written again.
/// </summary>
public sealed class CohortExport
{
    /// <summary>The name of the manifest.</summary>
    public const string ManifestName = "manifest.json";

    private const string Untyped = "untyped";
    private static readonly JsonSerializerOptions s_json = new(CohortPlan.Json) { WriteIndented = true };
    private readonly Cohort cohort;
    private readonly ExportOptions options;
    private readonly Action<string> say;
    private readonly string output;

    /// <summary>Makes an export.</summary>
    public CohortExport(Cohort cohort, ExportOptions options, Action<string> say)
    {
        this.cohort = cohort;
        this.options = options;
        this.say = say;
        output = Path.GetFullPath(options.Output);
    }

    /// <summary>Writes it.</summary>
    /// <returns>The content of the manifest.</returns>
    /// <exception cref="UsageException">No slide can be exported.</exception>
    public JsonObject Run(CancellationToken cancellation)
    {
        var reviews = CohortReview.Of(cohort).Where(r => options.Type is null || r.Slide.Type == options.Type).ToList();
        if (reviews.Count == 0)
            throw new UsageException(options.Type is null ? $"{cohort.Ledger.Address} has no finished slides to export. 'microtome cohort run' makes some." : $"{cohort.Ledger.Address} has no finished slides of type '{options.Type}'.");
        var wanted = reviews.Where(r => options.WithRejected || !r.Rejected).ToList();
        Directory.CreateDirectory(output);
        var done = new ConcurrentDictionary<string, ExportedSlide>(StringComparer.Ordinal);
        var failed = new ConcurrentDictionary<string, string>(StringComparer.Ordinal);
        Parallel.ForEach(wanted, new ParallelOptions { MaxDegreeOfParallelism = options.Threads, CancellationToken = cancellation }, review =>
        {
            try
            {
                done[review.Slide.Name] = One(review, cancellation);
            }
            catch (Exception e) when (e is SlideException or InvalidDataException or FileNotFoundException or JsonException or Learning.Models.ModelException)
            {
                failed[review.Slide.Name] = e.Message;
                say($"{review.Slide.Name}: {e.Message}");
            }
        });
        var manifest = Manifest([.. done.Values.OrderBy(s => s.Slide, StringComparer.Ordinal)], reviews, failed);
        AtomicFile.WriteAllText(Path.Combine(output, ManifestName), manifest.ToJsonString(s_json) + "\n");
        return manifest;
    }

    private static string TypeFolder(string type) => type.Length == 0 ? Untyped : string.Concat(type.Select(c => char.IsLetterOrDigit(c) || c is '-' or '_' or '.' ? c : '_'));

    private ExportedSlide One(SlideReview review, CancellationToken cancellation)
    {
        var slide = review.Slide;
        string folder = Path.Combine(cohort.Plan.Output, slide.Name), geoPackage = Path.Combine(folder, "nuclei.gpkg"), record = Path.Combine(output, ".records", slide.Name + ".json");
        if (!File.Exists(geoPackage))
            throw new SlideException($"{geoPackage} does not exist: nuclei were not looked for.");
        string source = InputFingerprint.Sha256(geoPackage);
        var known = Known(record);
        if (known is not null && known.SourceSha256 == source && known.Type == slide.Type && known.Formats.SequenceEqual(Words(), StringComparer.Ordinal) && known.Files.All(f => new FileInfo(Path.Combine(output, f.Path)) is { Exists: true } file && file.Length == f.Bytes))
            return known with { Verdict = Word(review), Reviewer = review.Reviewer };
        var summary = Object(Path.Combine(folder, "summary.json"));
        var pixelSize = new PixelSize((double)summary["mpp_x"]!, (double)summary["mpp_y"]!, PixelSizeSource.User);
        long width = (long)summary["width_px"]!, height = (long)summary["height_px"]!, count = 0;
        string type = TypeFolder(slide.Type);
        var files = new List<string>();
        if (options.Formats.HasFlag(ExportFormats.Quip))
            count = Quip(slide, folder, geoPackage, pixelSize, width, height, files);
        if (options.Formats.HasFlag(ExportFormats.GeoPackage))
        {
            files.Add($"gpkg/{type}/{slide.Name}.gpkg");
            AtomicFile.Write(Path.Combine(output, files[^1]), temporary => File.Copy(geoPackage, temporary, overwrite: true));
            count = (long)summary["nuclei_count"]!;
        }

        if (options.Formats.HasFlag(ExportFormats.GeoJson))
        {
            files.Add($"geojson/{type}/{slide.Name}.geojson.gz");
            count = NucleusGeoJson.Write(Path.Combine(output, files[^1]), NucleusGeoPackageReader.Read(geoPackage), slide.Name, cancellation);
        }

        if (options.Formats.HasFlag(ExportFormats.Coco))
        {
            files.Add($"coco/{type}/{slide.Name}.json.gz");
            count = NucleusCoco.Write(Path.Combine(output, files[^1]), NucleusGeoPackageReader.Read(geoPackage), Path.GetFileName(slide.Path), width, height, pixelSize, cancellation);
        }

        if (count != (long)summary["nuclei_count"]!)
            throw new InvalidDataException($"{geoPackage} holds {count} nuclei and summary.json says {summary["nuclei_count"]}. Run 'microtome cohort retry {slide.Name}'.");
        var exported = new ExportedSlide
        {
            Slide = slide.Name,
            Type = slide.Type,
            Patient = slide.Patient,
            Nuclei = count,
            TissueAreaMm2 = (double)summary["tissue_area_mm2"]!,
            Verdict = Word(review),
            Reviewer = review.Reviewer,
            SourceSha256 = source,
            Formats = Words(),
            Files = [.. files.Order(StringComparer.Ordinal).Select(f => new ExportedFile(f, new FileInfo(Path.Combine(output, f)).Length, InputFingerprint.Sha256(Path.Combine(output, f))))],
        };
        foreach (var old in known?.Files.Where(f => !files.Contains(f.Path, StringComparer.Ordinal)) ?? [])
            File.Delete(Path.Combine(output, old.Path));
        AtomicFile.WriteAllText(record, JsonSerializer.Serialize(exported, s_json) + "\n");
        return exported;
    }

    private long Quip(CohortSlide slide, string folder, string geoPackage, PixelSize pixelSize, long width, long height, List<string> files)
    {
        var model = Object(Path.Combine(folder, "provenance.json"))["model"] ?? throw new SlideException($"{folder}/provenance.json names no model.");
        var opened = NucleusModels.Open(cohort.Plan.Model, "cpu", 1);
        string relative = $"quip/{TypeFolder(slide.Type)}_polygon/{slide.Name}", target = Path.Combine(output, relative);
        string place = options.Tar ? Path.Combine(output, ".records", $".{slide.Name}.{Guid.NewGuid():N}.tmp") : target;
        var about = new QuipSlide
        {
            Width = width,
            Height = height,
            Mpp = pixelSize.Mean,
            CaseId = slide.Name,
            SubjectId = slide.Patient,
            Version = ProgramVersion.Short,
            ModelPath = (string)model["name"]!,
            ModelHash = (string)model["weights_sha256"]!,
        };
        try
        {
            long count = NucleusExport.Quip(place, geoPackage, pixelSize, (double)model["mpp"]!, about, opened.Postprocessing);
            var names = Directory.EnumerateFiles(place).Select(f => Path.GetFileName(f)).Where(f => !f.StartsWith('.')).Order(StringComparer.Ordinal).ToList();
            if (options.Tar)
            {
                files.Add(relative + ".tar.gz");
                AtomicFile.Write(Path.Combine(output, files[^1]), temporary => Pack(temporary, place, slide.Name, names));
            }
            else
            {
                files.AddRange(names.Select(n => $"{relative}/{n}"));
            }

            return count;
        }
        finally
        {
            if (options.Tar && Directory.Exists(place))
                Directory.Delete(place, recursive: true);
        }
    }

    // No times and no owners: equal results are equal files.
    private static void Pack(string path, string folder, string name, List<string> names)
    {
        using var file = new FileStream(path, FileMode.Create, FileAccess.Write);
        using var gzip = new GZipStream(file, CompressionLevel.Fastest);
        using var tar = new TarWriter(gzip, TarEntryFormat.Ustar);
        foreach (string entry in names)
        {
            using var data = File.OpenRead(Path.Combine(folder, entry));
            tar.WriteEntry(new UstarTarEntry(TarEntryType.RegularFile, $"{name}/{entry}") { DataStream = data, ModificationTime = DateTimeOffset.UnixEpoch });
        }
    }

    private static string? Word(SlideReview review) => review.Verdict is { } verdict ? QualityWords.Of(verdict) : null;

    private static JsonObject Object(string path)
    {
        if (!File.Exists(path))
            throw new SlideException($"{path} does not exist. Run 'microtome cohort retry' and 'cohort run'.");
        return JsonNode.Parse(File.ReadAllText(path))!.AsObject();
    }

    private static ExportedSlide? Known(string record)
    {
        try
        {
            return File.Exists(record) ? JsonSerializer.Deserialize<ExportedSlide>(File.ReadAllText(record), s_json) : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private List<string> Words() => [.. ExportFormatWords.Of(options.Formats).Select(w => w == "quip" && options.Tar ? "quip.tar.gz" : w)];

    private JsonObject Manifest(List<ExportedSlide> slides, List<SlideReview> reviews, IReadOnlyDictionary<string, string> failed)
    {
        static JsonObject Totals(IReadOnlyCollection<ExportedSlide> some) => new()
        {
            ["slides"] = some.Count,
            ["patients"] = some.Select(s => s.Patient).Distinct(StringComparer.Ordinal).Count(),
            ["nuclei"] = some.Sum(s => s.Nuclei),
            ["tissue_area_mm2"] = Math.Round(some.Sum(s => s.TissueAreaMm2), 4),
            ["files"] = some.Sum(s => s.Files.Count),
            ["bytes"] = some.Sum(s => s.Files.Sum(f => f.Bytes)),
        };
        var excluded = options.WithRejected ? [] : reviews.Where(r => r.Rejected).OrderBy(r => r.Slide.Name, StringComparer.Ordinal).ToList();
        return new JsonObject
        {
            ["program"] = "microtome " + ProgramVersion.Short,
            ["formats"] = JsonSerializer.SerializeToNode(Words(), s_json),
            ["rejected_included"] = options.WithRejected,
            ["totals"] = Totals(slides),
            ["types"] = new JsonObject(slides.GroupBy(s => s.Type.Length == 0 ? Untyped : s.Type, StringComparer.Ordinal).OrderBy(g => g.Key, StringComparer.Ordinal).Select(g => new KeyValuePair<string, JsonNode?>(g.Key, Totals([.. g])))),
            ["slides"] = JsonSerializer.SerializeToNode(slides, s_json),
            ["excluded"] = new JsonArray([.. excluded.Select(r => new JsonObject
            {
                ["slide"] = r.Slide.Name,
                ["type"] = r.Slide.Type,
                ["verdict"] = Word(r),
                ["reviewer"] = r.Reviewer,
                ["reasons"] = new JsonArray([.. r.Reasons.Select(x => JsonValue.Create(x))]),
            })]),
            ["failed"] = new JsonObject(failed.OrderBy(f => f.Key, StringComparer.Ordinal).Select(f => new KeyValuePair<string, JsonNode?>(f.Key, f.Value))),
        };
    }
}
