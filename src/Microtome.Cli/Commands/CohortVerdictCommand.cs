using System.CommandLine;
using System.Text.Json.Nodes;
using Microtome.Cohorts;
using Microtome.Imaging;

namespace Microtome.Cli.Commands;

/// <summary><c>cohort verdict LEDGER SLIDE good|acceptable|bad</c>: what a person decides, kept with who and when.</summary>
internal static class CohortVerdictCommand
{
    public static Command Create()
    {
        var ledger = CohortOptions.Ledger();
        var slide = new Argument<string>("SLIDE") { Description = "The slide's name." };
        var verdict = new Argument<string>("VERDICT") { Description = "good, acceptable or bad; slides that are bad are left out of exports." };
        var reason = new Option<string[]>("--reason") { Description = "Why, in words; may be given several times.", HelpName = "TEXT", DefaultValueFactory = static _ => [] };
        var who = new Option<string>("--who") { Description = "Who decides (default: the name of the account).", HelpName = "NAME", DefaultValueFactory = static _ => Environment.UserName };
        var command = new Command("verdict", "Note a person's verdict on a slide, with who and when.") { ledger, slide, verdict, reason, who };
        command.SetAction(result =>
        {
            string word = result.GetValue(verdict)!;
            var decided = QualityWords.Verdict(word) ?? throw new UsageException($"'{word}' is no verdict: good, acceptable or bad.");
            using var cohort = Cohort.Open(result.GetValue(ledger)!);
            CohortReview.Decide(cohort, result.GetValue(slide)!, decided, result.GetValue(who)!, result.GetValue(reason)!);
            var history = CohortReview.History(cohort, result.GetValue(slide)!);
            if (CommonSettings.From(result).Json)
                Answer.Json(new JsonObject { ["slide"] = result.GetValue(slide), ["verdict"] = word, ["verdicts"] = history.Count });
            else
                Answer.Line($"{result.GetValue(slide)}: {word}, by {result.GetValue(who)}");
            return ExitCode.Done;
        });
        return command;
    }
}
