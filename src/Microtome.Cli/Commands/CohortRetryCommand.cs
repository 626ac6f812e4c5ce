using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;
using Microtome.Cohorts;

namespace Microtome.Cli.Commands;

/// <summary><c>cohort retry LEDGER [SLIDE...]</c>: failed slides wait again.</summary>
internal static class CohortRetryCommand
{
    public static Command Create()
    {
        var ledger = CohortOptions.Ledger();
        var slides = new Argument<string[]>("SLIDE") { Description = "Names of slides, failed or done (default: all that failed).", Arity = ArgumentArity.ZeroOrMore };
        var command = new Command("retry", "Let slides that failed be done again by the next run.") { ledger, slides };
        command.SetAction(result =>
        {
            using var cohort = Cohort.Open(result.GetValue(ledger)!);
            cohort.Absorb();
            string[] names = result.GetValue(slides)!;
            long changed = cohort.Retry(names.Length == 0 ? null : names);
            if (CommonSettings.From(result).Json)
                Answer.Json(new JsonObject { ["waiting_again"] = changed });
            else
                Answer.Line(string.Create(CultureInfo.InvariantCulture, $"{changed} slides wait again."));
            return ExitCode.Done;
        });
        return command;
    }
}
