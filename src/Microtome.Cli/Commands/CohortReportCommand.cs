using System.CommandLine;
using Microtome.Cohorts;

namespace Microtome.Cli.Commands;

/// <summary><c>cohort report LEDGER [-o FILE.html]</c>: tables and distributions per cancer type.</summary>
internal static class CohortReportCommand
{
    public static Command Create()
    {
        var ledger = CohortOptions.Ledger();
        var command = new Command("report", "One page with tables and distributions per cancer type, verdicts and failures (-o FILE.html).") { ledger };
        command.SetAction(result =>
        {
            var common = CommonSettings.From(result);
            using var cohort = Cohort.Open(result.GetValue(ledger)!);
            string path = common.Output ?? Path.Combine(cohort.Plan.Output, "cohort.html");
            var totals = CohortReport.Write(cohort, path);
            if (common.Json)
                Answer.Json(totals);
            else
                Answer.Line(Path.GetFullPath(path));
            return ExitCode.Done;
        });
        return command;
    }
}
