using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using System.Text.Json.Nodes;
using Microtome.Cohorts;
using Microtome.Imaging;

namespace Microtome.Cli.Commands;

/// <summary><c>bench cohort</c>: the same slides by 1, 2, ... workers, and what those times mean for the published cohort on 10 to 1,000 workers.</summary>
internal static class BenchCohortCommand
{
    private const double MeasuredTissueMm2 = 0.6362; // of the bundled slide
    private static readonly int[] s_simulated = [10, 30, 100, 300, 1000];

    public static Command Create()
    {
        var slides = new Option<int>("--slides") { Description = "Copies of the bundled slide in the measured cohort.", HelpName = "N", DefaultValueFactory = static _ => 8 };
        var workers = new Option<string>("--workers") { Description = "Numbers of workers to measure.", HelpName = "LIST", DefaultValueFactory = static _ => "1,2" };
        var tissue = new Option<double>("--tissue") { Description = "Tissue of a simulated slide, mm2.", HelpName = "MM2", DefaultValueFactory = static _ => 150 };
        var command = new Command("cohort", "A cohort by one and by two workers, and a simulation of 5,060 slides on 10 to 1,000.") { slides, workers, tissue };
        command.SetAction((parsed, cancellation) => Task.Run(() => Run(CommonSettings.From(parsed), Math.Clamp(parsed.GetValue(slides), 1, 1000), parsed.GetValue(workers)!, parsed.GetValue(tissue), cancellation), cancellation));
        return command;
    }

    private static int Run(CommonSettings common, int slides, string workers, double tissue, CancellationToken cancellation)
    {
        if (tissue is not (> 0 and < 1e5))
            throw new UsageException($"--tissue {tissue}: mm2 above 0.");
        string folder = Directory.CreateTempSubdirectory("microtome-bench-").FullName;
        try
        {
            string source = Installation.PathOf("samples", "cmu-1-small-region.svs");
            for (int i = 0; i < slides; i++)
                File.Copy(source, Path.Combine(folder, string.Create(CultureInfo.InvariantCulture, $"slide-{i:000}.svs")));
            var rows = new List<BenchRow>();
            IReadOnlyList<double> seconds = [];
            double first = 0;
            foreach (int count in workers.Split(',').Select(w => int.TryParse(w, NumberStyles.None, CultureInfo.InvariantCulture, out int n) && n is >= 1 and <= 64 ? n : throw new UsageException($"--workers '{w}': whole numbers from 1 to 64.")))
            {
                string ledger = Path.Combine(folder, string.Create(CultureInfo.InvariantCulture, $"w{count}.db"));
                var plan = new CohortPlan { Output = Path.Combine(folder, string.Create(CultureInfo.InvariantCulture, $"out{count}")), Seed = common.Seed };
                using var cohort = Cohort.Create(ledger, plan, SlideTable.Read([folder]));
                long start = Stopwatch.GetTimestamp();
                CohortRunCommand.Pool(ledger, null, count, 60, common, records: false).Run(cohort.Ledger, static () => { }, cancellation);
                double wall = Stopwatch.GetElapsedTime(start).TotalSeconds;
                cancellation.ThrowIfCancellationRequested();
                if (cohort.Ledger.Count().Done != slides)
                    throw new InvalidDataException($"{cohort.Ledger.Count().Done} of {slides} slides were done.");
                seconds = [.. cohort.Ledger.Items().Select(i => i.Seconds!.Value)];
                first = first == 0 ? wall : first;
                rows.Add(new BenchRow(string.Create(CultureInfo.InvariantCulture, $"slides_per_hour_{count}_workers"), 3600 * slides / wall, "slides/h"));
                rows.Add(new BenchRow(string.Create(CultureInfo.InvariantCulture, $"speed_up_{count}_workers"), first / wall, "times the first"));
                Answer.Log(string.Create(CultureInfo.InvariantCulture, $"{count} workers: {wall:0.0} s, a slide {seconds.Min():0.0} to {seconds.Max():0.0} s"));
                Directory.Delete(plan.Output, recursive: true);
            }

            rows.AddRange(Simulate(new ScalingOptions { MeasuredSeconds = seconds, Size = tissue / MeasuredTissueMm2, Seed = (int)common.Seed }));
            BenchRow.Print(rows, common);
            return ExitCode.Done;
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static IEnumerable<BenchRow> Simulate(ScalingOptions options)
    {
        foreach (int workers in s_simulated)
        {
            foreach (bool shards in (bool[])[false, true])
            {
                var outcome = ScalingSimulation.Run(options with { Shards = shards }, workers);
                string name = string.Create(CultureInfo.InvariantCulture, $"simulated_{workers}_{(shards ? "shards" : "leases")}");
                yield return new BenchRow(name + "_hours", outcome.Hours, "h");
                yield return new BenchRow(name + "_efficiency", outcome.Efficiency, "share");
                yield return new BenchRow(name + "_idle_tail", outcome.Tail, "share of the time");
                if (!shards)
                    yield return new BenchRow(name + "_ledger_busy", outcome.LedgerBusy, "share of the time");
                yield return new BenchRow(name + "_storage", outcome.StorageBusy, "of 1 GB/s");
            }
        }
    }
}
