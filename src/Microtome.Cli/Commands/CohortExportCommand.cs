using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;
using Microtome.Cohorts;
using Microtome.Imaging;

namespace Microtome.Cli.Commands;

/// <summary><c>cohort export LEDGER -o DIR</c>: the nuclei of a cohort as a data set.</summary>
internal static class CohortExportCommand
{
    public static Command Create()
    {
        var ledger = CohortOptions.Ledger();
        var format = new Option<string>("--format") { Description = "Some of quip (polygon CSVs and metadata per tile, as published), gpkg, geojson (QuPath), coco.", HelpName = "LIST", DefaultValueFactory = static _ => "quip" };
        var rejected = new Option<bool>("--with-rejected") { Description = "Also slides whose verdict is bad." };
        var type = new Option<string?>("--type") { Description = "Only slides of this cancer type.", HelpName = "NAME" };
        var tar = new Option<bool>("--tar") { Description = "Pack the polygon CSVs of a slide, one .tar.gz a slide as published." };
        var command = new Command("export", "Write the nuclei of a cohort as a data set, with totals and checksums in a manifest; rejected slides are left out.") { ledger, format, rejected, type, tar };
        command.SetAction((result, cancellation) => Task.Run(() =>
        {
            var common = CommonSettings.From(result);
            var options = new ExportOptions
            {
                Output = common.Output ?? throw new UsageException("--output is missing: it names the folder of the data set."),
                Formats = ExportFormatWords.Parse(result.GetValue(format)!),
                WithRejected = result.GetValue(rejected),
                Type = result.GetValue(type),
                Tar = result.GetValue(tar),
                Threads = common.Threads,
            };
            using var cohort = Cohort.Open(result.GetValue(ledger)!);
            cohort.Absorb();
            var manifest = new CohortExport(cohort, options, Answer.Log).Run(cancellation);
            var totals = manifest["totals"]!.AsObject();
            int excluded = manifest["excluded"]!.AsArray().Count, failed = manifest["failed"]!.AsObject().Count;
            if (common.Json)
                Answer.Json(new JsonObject { ["manifest"] = Path.GetFullPath(Path.Combine(options.Output, CohortExport.ManifestName)), ["totals"] = totals.DeepClone(), ["excluded"] = excluded, ["failed"] = failed });
            else
                Answer.Line(string.Create(CultureInfo.InvariantCulture, $"{(long)totals["nuclei"]!:#,##0} nuclei of {(int)totals["slides"]!:#,##0} slides in {(int)totals["files"]!:#,##0} files, {(long)totals["bytes"]! / 1e6:#,##0.#} MB; {excluded} rejected slides left out\n{Path.GetFullPath(Path.Combine(options.Output, CohortExport.ManifestName))}"));
            return failed == 0 ? ExitCode.Done : throw new PartialFailureException($"{failed} slides could not be exported; the manifest names them.");
        }, cancellation));
        return command;
    }
}
