using System.CommandLine;
using System.Text.Json.Nodes;
using Microtome.Cohorts;
using Microtome.Imaging;
using Microtome.Pathology;

namespace Microtome.Cli.Commands;

/// <summary><c>cohort patches sample</c>: the same number of patches of every type, as pictures with what was found in them.</summary>
internal static class CohortPatchesSampleCommand
{
    public static Command Create()
    {
        var place = CohortPlace.Argument();
        var slides = CohortPlace.Table();
        var defaults = new PatchSampleOptions();
        var perType = Number("--per-type", "Patches of each type.", defaults.PerType, 1, 100_000);
        var perSlide = Number("--most-per-slide", "Most patches of one slide.", defaults.MostPerSlide, 1, 1000);
        var strata = Number("--strata", "Strata of nuclear density within a slide, sampled in turn; 1: none.", defaults.Strata, 1, 10);
        var exclude = new Option<string[]>("--exclude") { Description = "Slides or patients that trained the network: a name, or a CSV with the columns slide or patient. Their patients are left out. May be repeated.", HelpName = "NAME|FILE", DefaultValueFactory = static _ => [] };
        var verdicts = new Option<string?>("--verdicts") { Description = "Table of 'cohort quality': its bad slides are left out.", HelpName = "FILE" };
        var command = new Command("sample", "Sample patches of every type into a folder (-o DIR): pictures, what was found in them, and a table. The same command goes on; masks drawn by hand are never touched.") { place, slides, perType, perSlide, strata, exclude, verdicts };
        command.SetAction((parsed, cancellation) => Task.Run(
            () =>
            {
                var settings = CommonSettings.From(parsed);
                var options = new PatchSampleOptions
                {
                    PerType = parsed.GetValue(perType),
                    MostPerSlide = parsed.GetValue(perSlide),
                    Strata = parsed.GetValue(strata),
                    Seed = settings.Seed,
                    Excluded = [.. parsed.GetValue(exclude)!.SelectMany(Names)],
                };
                return Run(settings, parsed.GetValue(place)!, parsed.GetValue(slides), parsed.GetValue(verdicts), options, cancellation);
            },
            cancellation));
        return command;
    }

    private static Option<int> Number(string name, string description, int value, int least, int most)
    {
        var option = new Option<int>(name) { Description = description, HelpName = "N", DefaultValueFactory = _ => value };
        option.Validators.Add(result =>
        {
            if (result.Tokens.Count > 0 && (!int.TryParse(result.Tokens[0].Value, out int given) || given < least || given > most))
                result.AddError($"{name} '{result.Tokens[0].Value}': it must be a whole number from {least} to {most}.");
        });
        return option;
    }

    private static IEnumerable<string> Names(string exclude)
    {
        if (!File.Exists(exclude))
            return [exclude];
        var table = CsvTable.Read(exclude);
        int[] columns = [.. new[] { table.Find("slide"), table.Find("patient") }.Where(static c => c >= 0)];
        if (columns.Length == 0)
            throw new SlideException($"--exclude {exclude}: the table has neither a column 'slide' nor 'patient'.");
        return table.Rows.SelectMany(r => columns.Select(c => r[c])).Distinct(StringComparer.Ordinal);
    }

    private static int Run(CommonSettings settings, string place, string? table, string? verdictFile, PatchSampleOptions options, CancellationToken cancellation)
    {
        string folder = settings.Output ?? throw new UsageException("cohort patches sample: say where the patches go, -o DIR.");
        var (slides, results) = CohortPlace.Read(place, table);
        if (verdictFile is not null)
        {
            var verdicts = QualityTable.ReadVerdicts(verdictFile);
            slides = [.. slides.Where(s => !verdicts.TryGetValue(s.Name, out var v) || v.Verdict != SlideVerdict.Bad)];
        }

        var failed = new JsonArray();
        var queue = PatchSample.Fill(slides, results, folder, options, (slide, reason) =>
        {
            Answer.Log($"microtome: {reason}");
            failed.Add(new JsonObject { ["slide"] = slide.Name, ["error"] = reason });
        }, cancellation);
        var types = queue.Patches.GroupBy(static p => p.Type, StringComparer.Ordinal).OrderBy(static g => g.Key, StringComparer.Ordinal).Select(g => (
            Type: g.Key,
            Count: g.Count(),
            Slides: g.Select(static p => p.Slide).Distinct(StringComparer.Ordinal).Count(),
            Patients: g.Select(static p => p.Patient).Distinct(StringComparer.Ordinal).Count(),
            Drawn: g.Count(p => queue.State(p.Id) == PatchProgress.Segmented))).ToArray();
        if (settings.Json)
        {
            Answer.Json(new JsonObject
            {
                ["folder"] = Path.GetFullPath(folder),
                ["patches"] = queue.Patches.Count,
                ["types"] = new JsonArray([.. types.Select(static t => (JsonNode)new JsonObject { ["type"] = t.Type, ["patches"] = t.Count, ["slides"] = t.Slides, ["patients"] = t.Patients, ["segmented"] = t.Drawn })]),
                ["errors"] = failed,
            });
        }
        else
        {
            foreach (var t in types)
                Answer.Line($"{(t.Type.Length == 0 ? "patches" : t.Type)}: {t.Count}{(t.Count < options.PerType ? $" (of {options.PerType}: there is no more tissue)" : string.Empty)} from {t.Slides} slides of {t.Patients} patients; {t.Drawn} drawn by hand");
            Answer.Line($"Draw masks as {Path.Combine(folder, "ID_labeled_mask_corrected.png")} (16-bit labels, 0 = background), then: microtome cohort patches score {folder}");
        }

        return failed.Count == 0 ? ExitCode.Done : throw new PartialFailureException($"{failed.Count} of {slides.Count} slides could not be cut; the other patches are there.");
    }
}
