using System.CommandLine;
using System.Globalization;
using Microtome.Cohorts;

namespace Microtome.Cli.Commands;

/// <summary><c>cohort status LEDGER</c>: how far it is, how fast, what failed.</summary>
internal static class CohortStatusCommand
{
    public static Command Create()
    {
        var ledger = CohortOptions.Ledger();
        var failures = new Option<int>("--failures") { Description = "How many failed slides to name.", HelpName = "N", DefaultValueFactory = static _ => 20 };
        var command = new Command("status", "How far a cohort is: slides by state, rate, remaining time, failures.") { ledger, failures };
        command.SetAction(result =>
        {
            using var cohort = Cohort.Open(result.GetValue(ledger)!);
            var status = CohortStatus.Of(cohort, Math.Clamp(result.GetValue(failures), 0, 1_000_000));
            if (CommonSettings.From(result).Json)
                Answer.Json(status.ToJson());
            else
                Print(status, cohort.Plan.Output);
            return ExitCode.Done;
        });
        return command;
    }

    /// <summary>Says it in one line.</summary>
    public static string Line(CohortStatus status)
    {
        var counts = status.Counts;
        string rate = status.SlidesPerHour is { } speed ? string.Create(CultureInfo.InvariantCulture, $", {speed:#,##0.#} slides an hour") : string.Empty;
        string left = status.Remaining is { } time && !counts.IsOver ? $", about {Duration(time)} left" : string.Empty;
        return string.Create(CultureInfo.InvariantCulture, $"{counts.Done:#,##0} of {counts.Total:#,##0} slides done, {counts.Running:#,##0} running, {counts.Waiting:#,##0} waiting, {counts.Failed:#,##0} failed{rate}{left}");
    }

    private static void Print(CohortStatus status, string output)
    {
        Answer.Line(Line(status));
        Answer.Line($"results in {output}");
        foreach (var (slide, worker) in status.Holders.Take(50))
            Answer.Line($"  running  {slide}  ({worker})");
        foreach (var (slide, reason) in status.Failures)
            Answer.Line($"  failed   {slide}: {reason.ReplaceLineEndings(" ")}");
        if (status.Counts.Failed > status.Failures.Count)
            Answer.Line(string.Create(CultureInfo.InvariantCulture, $"  and {status.Counts.Failed - status.Failures.Count} more failed (--failures N shows them)"));
    }

    private static string Duration(TimeSpan time) => time.TotalDays >= 2
        ? string.Create(CultureInfo.InvariantCulture, $"{time.TotalDays:0.#} days")
        : time.TotalHours >= 1 ? string.Create(CultureInfo.InvariantCulture, $"{(int)time.TotalHours} h {time.Minutes} min") : time.TotalMinutes >= 1 ? $"{time.Minutes} min {time.Seconds} s" : $"{Math.Ceiling(time.TotalSeconds):0} s";
}
