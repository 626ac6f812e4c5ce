using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;
using Microtome.Cohorts;
using Microtome.Imaging;

namespace Microtome.Cli.Commands;

/// <summary><c>cohort quality</c>: a verdict on every slide, from its own numbers and those of the others.</summary>
internal static class CohortQualityCommand
{
    public static Command Create()
    {
        var place = CohortPlace.Argument();
        var slides = CohortPlace.Table();
        var command = new Command("quality", "Judge every slide: good, acceptable or bad, with reasons, against fixed limits and the slides of its type (-o FILE.csv).") { place, slides };
        command.SetAction((parsed, cancellation) => Task.Run(() => Run(CommonSettings.From(parsed), parsed.GetValue(place)!, parsed.GetValue(slides)), cancellation));
        return command;
    }

    private static int Run(CommonSettings settings, string place, string? table)
    {
        var (slides, output) = CohortPlace.Read(place, table);
        var failed = new JsonArray();
        var measurements = QualityTable.Measurements(slides, output, (slide, reason) =>
        {
            Answer.Log($"microtome: {slide.Name}: {reason}");
            failed.Add(new JsonObject { ["slide"] = slide.Name, ["error"] = reason });
        });
        if (measurements.Count == 0)
            throw new SlideException($"None of the {slides.Count} slides of {place} could be judged. {(string)failed[0]!["error"]!}");
        var judgements = CohortQuality.Judge(measurements);
        if (settings.Output is { } file)
            QualityTable.Write(file, judgements, measurements);
        if (settings.Json)
            Answer.Json(new JsonObject { ["slides"] = new JsonArray([.. judgements.Select(Json)]), ["types"] = new JsonArray([.. Types(judgements).Select(Json)]), ["errors"] = failed });
        else
            Print(judgements);
        return failed.Count == 0 ? ExitCode.Done : throw new PartialFailureException($"{failed.Count} of {slides.Count} slides have no measurements; the others were judged.");
    }

    private static IEnumerable<(string Type, int[] Counts)> Types(IReadOnlyList<SlideJudgement> judgements) =>
        judgements.GroupBy(static j => j.Slide.Type, StringComparer.Ordinal).OrderBy(static g => g.Key, StringComparer.Ordinal)
            .Select(static g => (g.Key, Enum.GetValues<SlideVerdict>().Select(v => g.Count(j => j.Verdict == v)).ToArray()));

    private static JsonNode Json((string Type, int[] Counts) type) =>
        new JsonObject { ["type"] = type.Type, ["slides"] = type.Counts.Sum(), ["good"] = type.Counts[0], ["acceptable"] = type.Counts[1], ["bad"] = type.Counts[2], ["bad_fraction"] = Math.Round((double)type.Counts[2] / type.Counts.Sum(), 5) };

    private static JsonNode Json(SlideJudgement j) => new JsonObject
    {
        ["slide"] = j.Slide.Name,
        ["patient"] = j.Slide.Patient,
        ["type"] = j.Slide.Type,
        ["verdict"] = QualityWords.Of(j.Verdict),
        ["score"] = j.Score,
        ["reference"] = j.Reference,
        ["reference_slides"] = j.ReferenceSlides,
        ["findings"] = new JsonArray([.. j.Findings.Select(static f => (JsonNode)new JsonObject
        {
            ["cause"] = QualityWords.Of(f.Cause),
            ["verdict"] = QualityWords.Of(f.Verdict),
            ["measure"] = f.Measure,
            ["value"] = f.Value,
            ["expected"] = f.Expected,
            ["severity"] = Math.Round(f.Severity, 4),
            ["text"] = f.Text,
        })]),
    };

    private static void Print(IReadOnlyList<SlideJudgement> judgements)
    {
        foreach (var j in judgements.Where(static j => j.Verdict != SlideVerdict.Good).OrderByDescending(static j => j.Verdict).ThenByDescending(static j => j.Score))
        {
            Answer.Line($"{j.Slide.Name}: {QualityWords.Of(j.Verdict)}");
            foreach (var finding in j.Findings)
                Answer.Line($"  {finding.Text}");
        }

        foreach (var (type, counts) in Types(judgements))
            Answer.Line(string.Create(CultureInfo.InvariantCulture, $"{(type.Length == 0 ? "slides" : type)}: {counts.Sum()}, of which {counts[0]} good, {counts[1]} acceptable, {counts[2]} bad ({100.0 * counts[2] / counts.Sum():0.#} %)"));
        if (judgements.All(static j => j.Reference.Length == 0))
            Answer.Line($"Fewer than {new QualityLimits().FewestSlides} slides: judged by fixed limits alone.");
    }
}
