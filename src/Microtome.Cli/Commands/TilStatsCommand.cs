using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;
using Microtome.Imaging;
using Microtome.Pathology;

namespace Microtome.Cli.Commands;

/// <summary><c>til stats</c>: the table of a cohort, from patch tables or from published combined maps.</summary>
internal static class TilStatsCommand
{
    public static Command Create()
    {
        var maps = new Argument<string[]>("MAP") { Description = "Combined maps (PNG) whose classes are counted; none when --tumor and --til are given.", Arity = ArgumentArity.ZeroOrMore };
        var tumor = new Option<string?>("--tumor") { Description = "Folder of tumor tables, a file a slide.", HelpName = "DIR" };
        var til = new Option<string?>("--til") { Description = "Folder of lymphocyte tables named after the same slides.", HelpName = "DIR" };
        var clinical = new Option<string?>("--clinical") { Description = "CSV whose columns are joined; its slides without maps stay as rows of NA.", HelpName = "FILE" };
        var key = new Option<string>("--key") { Description = "Column of the clinical table that names the slide, or the patient that begins the slide's name.", HelpName = "COLUMN", DefaultValueFactory = static _ => "slideID" };
        var tumorCut = TilOptions.TumorThreshold();
        var tilCut = TilOptions.TilThreshold();
        var tumorClass = TilOptions.TumorClass();
        var tilClass = TilOptions.TilClass();
        var command = new Command("stats", "The table of a cohort (-o FILE.csv): how much of each slide's tumor is infiltrated, scaled and classed.") { maps, tumor, til, clinical, key, tumorCut, tilCut, tumorClass, tilClass };
        command.SetAction((parsed, cancellation) => Task.Run(
            () =>
            {
                var settings = CommonSettings.From(parsed);
                string[] pictures = parsed.GetValue(maps) ?? [];
                var (tumorFolder, tilFolder) = (parsed.GetValue(tumor), parsed.GetValue(til));
                if (pictures.Length > 0)
                {
                    return tumorFolder is null && tilFolder is null
                        ? Count(settings, pictures, cancellation)
                        : throw new UsageException("til stats reads either combined maps or, with --tumor and --til, patch tables; not both at once.");
                }

                if (tumorFolder is null || tilFolder is null)
                    throw new UsageException("til stats needs --tumor DIR and --til DIR, or combined maps as arguments.");
                return Measure(
                    settings,
                    new Inputs(tumorFolder, tilFolder, parsed.GetValue(clinical), parsed.GetValue(key)!, parsed.GetValue(tumorClass), parsed.GetValue(tilClass)),
                    new AlignmentOptions { TumorThreshold = parsed.GetValue(tumorCut), TilThreshold = parsed.GetValue(tilCut) },
                    cancellation);
            },
            cancellation));
        return command;
    }

    internal static JsonObject ToJson(CombinedMapCounts counts) => new()
    {
        ["none"] = counts.None,
        ["tumor_and_til"] = counts.TumorAndTil,
        ["til"] = counts.Til,
        ["tumor"] = counts.Tumor,
        ["tissue"] = counts.Tissue,
        ["infiltrated_share_of_tumor"] = counts.InfiltratedShare,
        ["til_share_of_tissue"] = counts.TilShare,
        ["tumor_share_of_tissue"] = counts.TumorShare,
    };

    private static int Count(CommonSettings settings, string[] pictures, CancellationToken cancellation)
    {
        var rows = new List<(string Slide, CombinedMapCounts Counts)>();
        var failed = new JsonArray();
        foreach (string picture in pictures)
        {
            cancellation.ThrowIfCancellationRequested();
            try
            {
                rows.Add((PatchTable.SlideOf(picture), CombinedMap.Read(picture).Count()));
            }
            catch (SlideException e)
            {
                if (pictures.Length > 1)
                    Answer.Log($"microtome: {e.Message}");
                failed.Add(new JsonObject { ["name"] = picture, ["error"] = e.Message });
            }
        }

        if (rows.Count == 0)
            throw new SlideException(pictures.Length == 1 ? failed[0]!["error"]!.GetValue<string>() : $"None of the {pictures.Length} pictures is a combined map.");
        if (settings.Output is { } path)
        {
            var lines = rows.Select(static r => $"{CsvTable.Quote(r.Slide)},{r.Counts.None},{r.Counts.TumorAndTil},{r.Counts.Til},{r.Counts.Tumor},{r.Counts.Tissue},{TilTable.Number(r.Counts.InfiltratedShare)},{TilTable.Number(r.Counts.TilShare)},{TilTable.Number(r.Counts.TumorShare)}\n");
            AtomicFile.WriteAllText(path, "slideID,none,tumor_and_til,til,tumor,tissue,infiltrated_share_of_tumor,til_share_of_tissue,tumor_share_of_tissue\n" + string.Concat(lines));
        }

        if (settings.Json)
        {
            Answer.Json(new JsonObject
            {
                ["slides"] = new JsonArray([.. rows.Select(static r =>
                {
                    var item = ToJson(r.Counts);
                    item.Insert(0, "slideID", r.Slide);
                    return (JsonNode)item;
                })]),
                ["errors"] = failed,
            });
        }
        else
        {
            int width = Math.Max(5, rows.Max(static r => r.Slide.Length));
            Answer.Line($"{"slide".PadRight(width)}     none tumor+til      til    tumor   tissue  tumor+til/tumor");
            foreach (var (slide, c) in rows)
                Answer.Line(string.Create(CultureInfo.InvariantCulture, $"{slide.PadRight(width)} {c.None,8} {c.TumorAndTil,9} {c.Til,8} {c.Tumor,8} {c.Tissue,8}  {(c.InfiltratedShare is { } share ? share.ToString("0.0000", CultureInfo.InvariantCulture) : "-"),15}"));
        }

        return failed.Count == 0 ? ExitCode.Done : throw new PartialFailureException($"{failed.Count} of {pictures.Length} pictures are no combined maps; the others were counted.");
    }

    private static int Measure(CommonSettings settings, Inputs inputs, AlignmentOptions options, CancellationToken cancellation)
    {
        if (settings.Output is not { } path)
            throw new UsageException("til stats needs -o FILE.csv, the table to write.");
        // Read first: a bad table should not cost the work on all slides.
        var clinical = inputs.Clinical is null ? null : CsvTable.Read(inputs.Clinical);
        clinical?.Require(inputs.Key);
        var (tumor, til) = (TilOptions.Tables(inputs.Tumor, "--tumor"), TilOptions.Tables(inputs.Til, "--til"));
        string[] names = [.. tumor.Keys.Union(til.Keys).Order(StringComparer.Ordinal)];
        if (names.Length == 0)
            throw new SlideException($"{inputs.Tumor} and {inputs.Til} hold no tables.");
        var statistics = new TilStatistics?[names.Length];
        string?[] errors = new string?[names.Length], lacking = new string?[names.Length];
        Parallel.For(0, names.Length, new ParallelOptions { MaxDegreeOfParallelism = settings.Threads, CancellationToken = cancellation }, i =>
        {
            if (!tumor.TryGetValue(names[i], out string? tumorFile) || !til.TryGetValue(names[i], out string? tilFile))
            {
                lacking[i] = $"{names[i]} has no {(tumor.ContainsKey(names[i]) ? "lymphocyte" : "tumor")} table: its row holds NA.";
                return;
            }

            try
            {
                statistics[i] = TilOptions.Align(tumorFile, tilFile, inputs.TumorClass, inputs.TilClass, options).Alignment.Statistics;
            }
            catch (SlideException e)
            {
                errors[i] = e.Message;
            }
        });

        string?[] apart = [.. names.Select((name, i) => statistics[i] is { Apart: true } ? $"{name}: {TilOptions.Apart}" : null)];
        foreach (string message in errors.Concat(lacking).Concat(apart).OfType<string>())
            Answer.Log($"microtome: {message}");
        int failed = errors.Count(static e => e is not null), done = statistics.Count(static s => s is not null);
        if (done == 0)
            throw new SlideException($"None of the {names.Length} slides of {inputs.Tumor} and {inputs.Til} could be measured.");
        var (text, withoutMaps) = TilTable.Write([.. names.Zip(statistics)], clinical, inputs.Key);
        AtomicFile.WriteAllText(path, text);
        var cohort = new TilCohort(statistics.Select(static s => s?.PercentPositive));
        if (settings.Json)
        {
            Answer.Json(new JsonObject
            {
                ["path"] = Path.GetFullPath(path),
                ["slides"] = names.Length,
                ["measured"] = done,
                ["without_tumor"] = statistics.Count(static s => s is { PercentPositive: null }),
                ["clinical_rows_without_maps"] = withoutMaps,
                ["mean_percent_pos"] = cohort.Mean,
                ["sd_percent_pos"] = cohort.StandardDeviation,
                ["errors"] = new JsonArray([.. Enumerable.Range(0, names.Length).Where(i => errors[i] is not null || lacking[i] is not null).Select(i => (JsonNode)new JsonObject { ["name"] = names[i], ["error"] = errors[i] ?? lacking[i] })]),
            });
        }
        else
        {
            Answer.Line($"{path}: {done} of {names.Length} slides measured, {cohort.Slides} of them with tumor; mean percent_pos {TilTable.Number(cohort.Mean)}, standard deviation {TilTable.Number(cohort.StandardDeviation)}");
            if (withoutMaps > 0)
                Answer.Line($"  {withoutMaps} clinical rows have no maps: they stay as NA.");
        }

        return failed == 0 ? ExitCode.Done : throw new PartialFailureException($"{failed} of {names.Length} slides could not be measured; their rows in {path} hold NA.");
    }

    private sealed record Inputs(string Tumor, string Til, string? Clinical, string Key, string? TumorClass, string? TilClass);
}
