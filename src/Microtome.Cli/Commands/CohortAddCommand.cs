using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;
using Microtome.Cohorts;

namespace Microtome.Cli.Commands;

/// <summary><c>cohort add LEDGER SLIDE...</c>: more slides; also while workers are running.</summary>
internal static class CohortAddCommand
{
    public static Command Create()
    {
        var ledger = CohortOptions.Ledger();
        var slides = CohortOptions.Slides(ArgumentArity.OneOrMore);
        var mpp = SlideOptions.Mpp();
        var type = CohortOptions.Type();
        var command = new Command("add", "Add slides to a cohort; running workers take them up.") { ledger, slides, mpp, type };
        command.SetAction(result =>
        {
            var found = SlideTable.Read(result.GetValue(slides)!, SlideOptions.ParsePixelSize(result.GetValue(mpp))?.Mean, result.GetValue(type)!);
            using var cohort = Cohort.Open(result.GetValue(ledger)!);
            long added = cohort.Add(found);
            if (CommonSettings.From(result).Json)
                Answer.Json(new JsonObject { ["added"] = added, ["known"] = found.Count - added });
            else
                Answer.Line(string.Create(CultureInfo.InvariantCulture, $"{added} slides added, {found.Count - added} were there already."));
            return ExitCode.Done;
        });
        return command;
    }
}
