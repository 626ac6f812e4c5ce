using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;
using Microtome.Imaging;
using Microtome.Learning.Metrics;
using Microtome.Pathology;

namespace Microtome.Cli.Commands;

/// <summary><c>evaluate til-maps</c>: lymphocyte maps against raters' scores of super-patches, or the super-patches to score.</summary>
internal static class EvaluateTilMapsCommand
{
    // Fewer slides drawn with replacement say nothing of others.
    private const int FewSlides = 5;

    public static Command Create()
    {
        var scores = new Argument<string?>("SCORES") { Description = "CSV: slide,column,row (the first patch of 8 x 8 on the map's grid) or filename,patch_count, and a column a rater: 1 low, 2 medium, 3 high, 4 or blank no score.", Arity = ArgumentArity.ZeroOrOne };
        var maps = new Option<string?>("--maps") { Description = "Folder of lymphocyte tables, a file a slide.", HelpName = "DIR" };
        var against = new Option<string?>("--against") { Description = "Folder of another system's tables of the same slides and grid, for the difference.", HelpName = "DIR" };
        var cut = TilOptions.TilThreshold();
        var otherCut = new Option<double?>("--against-threshold") { Description = "The cut of --against (default: that of --til-threshold).", HelpName = "X" };
        var tilClass = TilOptions.TilClass();
        var raters = new Option<string?>("--raters") { Description = "Columns with scores, with commas (default: all that have no other meaning).", HelpName = "NAME,..." };
        var sample = new Option<int?>("--sample") { Description = "Instead: choose up to N super-patches of --maps from each of 65 bins of lymphocyte share, to be scored (-o FILE.csv).", HelpName = "N" };
        var command = new Command("til-maps", "Lymphocyte maps against raters on super-patches of 8 x 8 patches: Spearman and polyserial correlation with intervals by slide.") { scores, maps, against, cut, otherCut, tilClass, raters, sample };
        command.SetAction((parsed, cancellation) => Task.Run(
            () =>
            {
                var settings = CommonSettings.From(parsed);
                double threshold = parsed.GetValue(cut);
                if (parsed.GetValue(sample) is { } many)
                    return Sample(settings, parsed.GetValue(maps) ?? throw new UsageException("--sample needs --maps DIR."), many, threshold, parsed.GetValue(tilClass), cancellation);
                string path = parsed.GetValue(scores) ?? throw new UsageException("evaluate til-maps needs a table of scores, or --sample N to make one.");
                if (parsed.GetValue(otherCut) is { } other && other is not (> 0 and <= 1))
                    throw new UsageException($"--against-threshold {other}: a cut lies above 0 and is at most 1.");
                return Score(settings, path, parsed.GetValue(raters)?.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries), new Side(parsed.GetValue(maps), threshold), new Side(parsed.GetValue(against), parsed.GetValue(otherCut) ?? threshold), parsed.GetValue(tilClass));
            },
            cancellation));
        return command;
    }

    private static int Sample(CommonSettings settings, string folder, int many, double cut, string? tilClass, CancellationToken cancellation)
    {
        if (many < 1)
            throw new UsageException($"--sample {many}: at least 1.");
        string output = settings.Output ?? throw new UsageException("--sample needs -o FILE.csv, the table to write.");
        var all = new List<(string Slide, SuperPatchCount Count)>();
        foreach (var (slide, file) in TilOptions.Tables(folder, "--maps"))
        {
            cancellation.ThrowIfCancellationRequested();
            var values = Map(file, tilClass).Values;
            bool?[] judged = [.. values.Samples.Select(v => float.IsNaN(v) || v == 0 ? (bool?)null : v >= (float)cut)];
            all.AddRange(SuperPatchAgreement.Counts(judged, values.Width, values.Height).Where(static c => c.Tissue > 0).Select(c => (slide, c)));
        }

        var slides = all.ToLookup(static a => a.Count, static a => a.Slide, ReferenceEqualityComparer.Instance);
        var chosen = SuperPatchAgreement.Sample(all.Select(static a => a.Count), many, (int)settings.Seed);
        if (chosen.Count == 0)
            throw new SlideException($"{folder}: no map holds 8 x 8 patches with tissue.");
        AtomicFile.WriteAllText(output, "slide,column,row,positives,tissue,rater1\n" + string.Concat(chosen.Select(c => string.Create(CultureInfo.InvariantCulture, $"{CsvTable.Quote(slides[c].First())},{c.X},{c.Y},{c.Positives},{c.Tissue},\n"))));
        Answer.Line($"{output}: {chosen.Count} super-patches of {chosen.Select(c => slides[c].First()).Distinct(StringComparer.Ordinal).Count()} slides, from {chosen.Select(static c => c.Bin).Distinct().Count()} of {SuperPatchAgreement.Bins} bins. Write 1 (low), 2 (medium), 3 (high) or 4 (cannot say) into a column a rater.");
        return ExitCode.Done;
    }

    private static int Score(CommonSettings settings, string path, string[]? raters, Side own, Side other, string? tilClass)
    {
        var all = SuperPatchTable.Read(path, raters);
        SuperPatchScore[] scored = [.. all.Where(static s => s.Label is not null)];
        if (scored.Length < 3)
            throw new SlideException($"{path}: {scored.Length} super-patches have a valid score; a correlation needs three.");
        if (own.Folder is null && scored.FirstOrDefault(static s => s.Count is null) is { } without)
            throw new UsageException($"{path}, line {without.Line} has no patch_count: give the maps with --maps DIR.");
        var counts = own.Folder is { } folder ? Counts(path, scored, folder, "--maps", own.Cut, tilClass) : [.. scored.Select(static s => s.Count!.Value)];
        var others = other.Folder is { } second ? Counts(path, scored, second, "--against", other.Cut, tilClass) : null;
        string[] groups = [.. scored.Select(static s => s.Group).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];
        var answer = new JsonObject { ["super_patches"] = all.Count, ["scored"] = scored.Length, ["slides"] = scored.Select(static s => s.Slide).Distinct(StringComparer.Ordinal).Count() };
        if ((int)answer["slides"]! < FewSlides)
            Answer.Log($"microtome: intervals over {answer["slides"]} slides say little: score super-patches of more slides.");
        if (!settings.Json)
            Answer.Line($"{scored.Length} of {all.Count} super-patches have a score, on {answer["slides"]} slides; intervals of 95 % over slides");
        Add(answer, settings, "all", Enumerable.Range(0, scored.Length).ToArray(), scored, counts, others);
        var byGroup = new JsonArray();
        foreach (string group in groups.Where(_ => groups.Length > 1))
        {
            int[] items = [.. Enumerable.Range(0, scored.Length).Where(i => scored[i].Group == group)];
            var one = new JsonObject { ["group"] = group, ["scored"] = items.Length };
            if (items.Length >= 3)
                Add(one, settings, group, items, scored, counts, others);
            byGroup.Add(one);
        }

        if (byGroup.Count > 0)
            answer["groups"] = byGroup;
        answer["counts_by_label"] = new JsonArray([.. Enumerable.Range(1, 3).Select(label =>
        {
            int[] own = [.. counts.Where((_, i) => scored[i].Label == label).Order()];
            if (!settings.Json && own.Length > 0)
                Answer.Line(string.Create(CultureInfo.InvariantCulture, $"  label {label}: {own.Length} super-patches, {own.Average():0.0} positive patches of 64 on average, median {Median(own):0.#}, {own[0]} to {own[^1]}"));
            return (JsonNode)new JsonObject { ["label"] = label, ["super_patches"] = own.Length, ["mean"] = own.Length > 0 ? own.Average() : null, ["median"] = own.Length > 0 ? Median(own) : null };
        })]);
        if (settings.Output is { } output)
            AtomicFile.WriteAllText(output, $"slide,column,row,label,patch_count{(others is null ? string.Empty : ",against")}\n" + string.Concat(scored.Select((s, i) => string.Create(CultureInfo.InvariantCulture, $"{CsvTable.Quote(s.Slide)},{s.Column},{s.Row},{s.Label},{counts[i]}{(others is null ? string.Empty : $",{others[i]}")}\n"))));
        if (settings.Json)
            Answer.Json(answer);
        return ExitCode.Done;
    }

    private static void Add(JsonObject answer, CommonSettings settings, string name, int[] items, SuperPatchScore[] scored, IReadOnlyList<int> counts, IReadOnlyList<int>? others)
    {
        string[] slides = [.. items.Select(i => scored[i].Slide)];
        One("spearman", static (values, labels) => RankCorrelation.Spearman(values, [.. labels.Select(static l => (double)l)]));
        One("polyserial", RankCorrelation.Polyserial);

        void One(string figure, Func<double[], int[], double> measure)
        {
            double Of(IReadOnlyList<int> of, IReadOnlyList<int> which) => measure([.. which.Select(i => (double)of[items[i]])], [.. which.Select(i => scored[items[i]].Label!.Value)]);
            Report(figure, which => Of(counts, which));
            if (others is null)
                return;
            Report(figure + "_against", which => Of(others, which));
            Report(figure + "_difference", which => Of(counts, which) - Of(others, which));
        }

        void Report(string figure, Func<IReadOnlyList<int>, double> measure)
        {
            double value = measure([.. Enumerable.Range(0, items.Length)]);
            var (low, high) = GroupedBootstrap.Interval(slides, measure, seed: (int)settings.Seed);
            answer[figure] = double.IsFinite(value) ? value : null;
            answer[figure + "_interval"] = double.IsFinite(low) && double.IsFinite(high) ? new JsonArray(low, high) : null;
            if (!settings.Json)
                Answer.Line(string.Create(CultureInfo.InvariantCulture, $"  {name,-8} {figure.Replace('_', ' '),-22} {(double.IsFinite(value) ? string.Create(CultureInfo.InvariantCulture, $"{value:F3} [{low:F3}, {high:F3}]") : "not defined: counts or labels are all the same")}"));
        }
    }

    private static IReadOnlyList<int> Counts(string path, SuperPatchScore[] scored, string folder, string option, double cut, string? tilClass)
    {
        var files = TilOptions.Tables(folder, option);
        var maps = new Dictionary<string, PatchMap>(StringComparer.Ordinal);
        foreach (string slide in scored.Select(static s => s.Slide).Distinct(StringComparer.Ordinal))
        {
            if (files.TryGetValue(slide, out string? file))
                maps[slide] = Map(file, tilClass);
        }

        return SuperPatchTable.Counts(path, scored, maps, cut);
    }

    private static PatchMap Map(string file, string? tilClass)
    {
        var table = PatchTable.Read(file);
        return PatchMap.From(table, table.ClassIndex(tilClass, "--til-class"));
    }

    private static double Median(int[] sorted) => (sorted[(sorted.Length - 1) / 2] + sorted[sorted.Length / 2]) / 2.0;

    private sealed record Side(string? Folder, double Cut);
}
