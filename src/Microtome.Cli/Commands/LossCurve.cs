using System.Globalization;
using Microtome.Learning.Training;
using Spectre.Console;

namespace Microtome.Cli.Commands;

/// <summary>The losses of a training run as lines of the terminal.</summary>
internal static class LossCurve
{
    private const int Widest = 60;
    private const int BesideTheLine = 70;
    private const string Blocks = "▁▂▃▄▅▆▇█";
    private static readonly (string Series, string Name)[] s_shown = [("loss", "training loss"), ("held_out_loss", "held-out loss")];

    /// <summary>Prints the losses of the run in a folder on standard error: from the first to the newest, and the lowest.</summary>
    public static void Print(string folder)
    {
        var console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(Console.Error) });
        // A file has no width; 80 would be taken.
        if (Console.IsErrorRedirected)
            console.Profile.Width = 120;
        Print(folder, console);
    }

    /// <summary>Prints the losses on a console.</summary>
    public static void Print(string folder, IAnsiConsole console)
    {
        string path = Path.Combine(folder, TrainingMetrics.FileName);
        if (!File.Exists(path))
            return;
        var lines = TrainingMetrics.Read(path).ToList();
        var table = new Table().Border(TableBorder.None).HideHeaders().AddColumns("", "", "", "", "");
        bool any = false;
        foreach (var (series, name) in s_shown)
        {
            var points = lines.SelectMany(l => l.Values.Where(v => v.Key == series).Select(v => (l.Step, v.Value))).ToList();
            if (points.Count < 2)
                continue;
            any = true;
            var lowest = points.MinBy(static p => p.Value);
            int width = Math.Clamp(console.Profile.Width - BesideTheLine, 8, Widest);
            table.AddRow(new Text(name), new Text(Number(points[0].Value)), new Text(Line([.. points.Select(static p => p.Value)], width)), new Text(Number(points[^1].Value)),
                new Text(string.Create(CultureInfo.InvariantCulture, $"lowest {Number(lowest.Value)} at step {lowest.Step:N0}")));
        }

        if (any)
            console.Write(table);
    }

    /// <summary>Values as blocks of eight heights; of more values than fit, means of equal stretches.</summary>
    public static string Line(double[] values, int width)
    {
        int count = Math.Min(values.Length, width);
        double[] means = [.. Enumerable.Range(0, count).Select(i => values[(int)((long)i * values.Length / count)..(int)((i + 1L) * values.Length / count)].Average())];
        double low = means.Min(), span = means.Max() - low;
        return string.Concat(means.Select(m => Blocks[span > 0 ? (int)Math.Round((m - low) / span * (Blocks.Length - 1)) : 0]));
    }

    private static string Number(double value) => value.ToString("0.####", CultureInfo.InvariantCulture);
}
