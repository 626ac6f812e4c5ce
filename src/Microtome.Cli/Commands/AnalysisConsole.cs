using System.Globalization;
using Microtome.Learning;
using Microtome.Pathology;
using Spectre.Console;

namespace Microtome.Cli;

/// <summary>Shows an analysis: a bar with rate and remaining time on a terminal, plain lines elsewhere; all on standard error.</summary>
internal sealed class AnalysisConsole(bool quiet = false) : IAnalysisLog
{
    private static readonly TimeSpan Between = TimeSpan.FromSeconds(10);

    public void Say(string line)
    {
        if (!quiet)
            Answer.Log(line);
    }

    public TResult Watch<TResult>(string what, Func<IProgress<WalkProgress>, TResult> run)
    {
        if (quiet || Console.IsErrorRedirected)
            return run(new Lines(this, what));
        var console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(Console.Error) });
        return console.Progress().AutoClear(false).HideCompleted(false)
            .Columns(new TaskDescriptionColumn { Alignment = Justify.Left }, new ProgressBarColumn(), new PercentageColumn(), new RemainingTimeColumn())
            .Start(context =>
            {
                var task = context.AddTask(Markup.Escape(what));
                return run(new Bar(task, what));
            });
    }

    private static string Rate(WalkProgress p) => string.Create(CultureInfo.InvariantCulture, $"{p.Rate:0.0} Mpx/s");

    private sealed class Bar(ProgressTask task, string what) : IProgress<WalkProgress>
    {
        public void Report(WalkProgress value)
        {
            task.Value = 100 * value.Share;
            task.Description = Markup.Escape($"{what}, {Rate(value)}");
        }
    }

    private sealed class Lines(AnalysisConsole owner, string what) : IProgress<WalkProgress>
    {
        private TimeSpan next = Between;

        public void Report(WalkProgress value)
        {
            if (value.Elapsed < next)
                return;
            next = value.Elapsed + Between;
            string left = value.Remaining is { } time ? $", about {Duration(time)} left" : string.Empty;
            owner.Say(string.Create(CultureInfo.InvariantCulture, $"{what}: {value.Share * 100:0} % ({value.Tiles:#,##0} of {value.TotalTiles:#,##0} tiles), {Rate(value)}{left}"));
        }

        private static string Duration(TimeSpan time) => time.TotalHours >= 1
            ? string.Create(CultureInfo.InvariantCulture, $"{(int)time.TotalHours} h {time.Minutes} min")
            : time.TotalMinutes >= 1 ? $"{time.Minutes} min {time.Seconds} s" : $"{Math.Ceiling(time.TotalSeconds):0} s";
    }
}
