using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;
using Microtome.Cohorts;
using Microtome.Imaging;
using Microtome.Learning.Models;

namespace Microtome.Cli.Commands;

/// <summary><c>cohort create LEDGER [SLIDE...] -o OUT</c>: a ledger of slides and of what is done with each.</summary>
internal static class CohortCreateCommand
{
    public static Command Create()
    {
        var ledger = CohortOptions.Ledger();
        var slides = CohortOptions.Slides(ArgumentArity.ZeroOrMore);
        var mpp = SlideOptions.Mpp();
        var type = CohortOptions.Type();
        var only = new Option<string?>("--only") { Description = "What to find: some of tissue,nuclei,til,tumor (default: all).", HelpName = "WHAT" };
        var preset = new Option<string>("--preset") { Description = "How tissue is found: resection, biopsy, pale or ihc.", HelpName = "NAME", DefaultValueFactory = static _ => "resection" };
        var model = new Option<string>("--model") { Description = "The nucleus model: a name of 'models list', or a folder.", HelpName = "NAME", DefaultValueFactory = static _ => "nuclei" };
        var til = PatchMapCommand.Model(Pathology.PatchTask.Til, "--til-model");
        var tumor = PatchMapCommand.Model(Pathology.PatchTask.Tumor, "--tumor-model");
        var flips = new Option<int>("--flips") { Description = "Mirrored and turned copies of each window to average: 1 is fastest, 8 most accurate.", HelpName = "1|2|4|8", DefaultValueFactory = static _ => 1 };
        var precision = PrecisionOption.Create();
        var attempts = new Option<int>("--max-attempts") { Description = "A slide on which this many workers died has failed.", HelpName = "N", DefaultValueFactory = static _ => Ledger.WorkLedger.DefaultMaxAttempts };
        var command = new Command("create", "Make a cohort: a ledger of slides and of what is to be done with each.") { ledger, slides, mpp, type, only, preset, model, til, tumor, flips, precision, attempts };
        command.SetAction(result =>
        {
            var common = CommonSettings.From(result);
            if (common.Output is null)
                throw new UsageException("--output is missing: it names the folder that receives one folder of results per slide, at a place that all workers see.");
            if (result.GetValue(attempts) is < 1 or > 100)
                throw new UsageException($"--max-attempts {result.GetValue(attempts)}: it must lie in 1 to 100.");
            var plan = new CohortPlan
            {
                Output = Path.GetFullPath(common.Output),
                Parts = CohortPlan.ParseParts(result.GetValue(only)),
                Preset = result.GetValue(preset)!,
                Model = ModelPlace(result.GetValue(model)!),
                TilModel = ModelPlace(result.GetValue(til)!),
                TumorModel = ModelPlace(result.GetValue(tumor)!),
                Flips = result.GetValue(flips) is 1 or 2 or 4 or 8 ? result.GetValue(flips) : throw new UsageException($"--flips {result.GetValue(flips)}: give 1, 2, 4 or 8."),
                Precision = result.GetValue(precision)!,
                Seed = common.Seed,
            };
            _ = TissueOptions.Named(plan.Preset);
            var found = SlideTable.Read(result.GetValue(slides)!, SlideOptions.ParsePixelSize(result.GetValue(mpp))?.Mean, result.GetValue(type)!);
            using var cohort = Cohort.Create(result.GetValue(ledger)!, plan, found, result.GetValue(attempts));
            if (common.Json)
                Answer.Json(new JsonObject { ["ledger"] = cohort.Ledger.Address, ["slides"] = found.Count, ["output"] = plan.Output });
            else
                Answer.Line(string.Create(CultureInfo.InvariantCulture, $"{cohort.Ledger.Address}: {found.Count} slides; results go to {plan.Output}\nNext: microtome cohort run {CohortOptions.Shown(result.GetValue(ledger)!, cohort.Ledger)}"));
            return ExitCode.Done;
        });
        return command;
    }

    // A model given by its folder must be found from wherever a worker starts.
    private static string ModelPlace(string name) => Directory.Exists(name) ? Path.GetFullPath(name) : name;
}
