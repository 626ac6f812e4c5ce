using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using Microtome.Imaging;
using Microtome.Ledger;

namespace Microtome.Cli.Commands;

/// <summary><c>bench ledger</c>: claims and completions a second with several workers, at the beginning and at the end of many items.</summary>
internal static class BenchLedgerCommand
{
    public static Command Create()
    {
        var items = new Option<int>("--items") { Description = "Items in the ledger.", HelpName = "N", DefaultValueFactory = static _ => 20_000 };
        var workers = new Option<int>("--workers") { Description = "Workers, each with a connection of its own.", HelpName = "N", DefaultValueFactory = static _ => 8 };
        var only = new Option<string?>("--only") { Description = "sqlite or postgres (a server of its own; default: both, if PostgreSQL is installed).", HelpName = "NAME" };
        only.AcceptOnlyFromAmong("sqlite", "postgres");
        var command = new Command("ledger", "Claims and completions a second with many workers, on SQLite and PostgreSQL.") { items, workers, only };
        command.SetAction((parsed, cancellation) => Task.Run(() => Run(CommonSettings.From(parsed), parsed.GetValue(items), parsed.GetValue(workers), parsed.GetValue(only), cancellation), cancellation));
        return command;
    }

    private static int Run(CommonSettings settings, int items, int workers, string? only, CancellationToken cancellation)
    {
        if (items is < 100 or > 10_000_000)
            throw new UsageException($"--items {items}: it must lie in 100 to 10000000.");
        if (workers is < 1 or > 256)
            throw new UsageException($"--workers {workers}: it must lie in 1 to 256.");
        var rows = new List<BenchRow>();
        if (only != "postgres")
        {
            string folder = Directory.CreateTempSubdirectory("microtome-bench-").FullName;
            try
            {
                rows.AddRange(Measure("sqlite", Path.Combine(folder, "bench.db"), items, workers, 500, cancellation));
            }
            finally
            {
                Directory.Delete(folder, recursive: true);
            }
        }

        if (only == "postgres" && ThrowawayPostgres.Installed is null)
            throw new UsageException("PostgreSQL is not installed (/usr/lib/postgresql/*/bin/initdb): apt-get install postgresql.");
        if (only != "sqlite" && ThrowawayPostgres.Installed is not null)
        {
            using var server = new ThrowawayPostgres();
            rows.AddRange(Measure("postgres", server.Fresh(), items, workers, 2000, cancellation));
        }

        BenchRow.Print(rows, settings);
        return ExitCode.Done;
    }

    private static IEnumerable<BenchRow> Measure(string name, string address, int items, int workers, double target, CancellationToken cancellation)
    {
        long start = Stopwatch.GetTimestamp();
        using (var ledger = WorkLedger.Create(address, new Dictionary<string, string>(StringComparer.Ordinal)))
            ledger.Add([.. Enumerable.Range(0, items).Select(i => new NewItem(string.Create(CultureInfo.InvariantCulture, $"slide-{i}"), """{"path":"/slides/a.svs","mpp":0.25}"""))]);
        double add = items / Stopwatch.GetElapsedTime(start).TotalSeconds;

        // When each claim was made and how long it took, by worker; no locks between them.
        var claims = new List<(long At, double Ms)>[workers];
        long begin = Stopwatch.GetTimestamp();
        var threads = Enumerable.Range(0, workers).Select(w => new Thread(() =>
        {
            claims[w] = [];
            using var own = WorkLedger.Open(address);
            while (!cancellation.IsCancellationRequested)
            {
                long before = Stopwatch.GetTimestamp();
                var lease = own.Claim(Shard.All);
                if (lease is null)
                    return;
                claims[w].Add((before, Stopwatch.GetElapsedTime(before).TotalMilliseconds));
                own.Complete(lease, """{"nuclei_count":1}""", 1);
            }
        })).ToList();
        threads.ForEach(t => t.Start());
        threads.ForEach(t => t.Join());
        double seconds = Stopwatch.GetElapsedTime(begin).TotalSeconds;
        cancellation.ThrowIfCancellationRequested();
        var all = claims.SelectMany(c => c).OrderBy(c => c.At).ToList();
        int tenth = all.Count / 10;
        var (first, last) = (all[..tenth], all[^tenth..]);
        using (var ledger = WorkLedger.Open(address))
        {
            if (ledger.Count().Done != items || all.Count != items)
                throw new InvalidDataException($"{name}: {ledger.Count().Done} of {items} items were done by {all.Count} claims.");
        }

        yield return new BenchRow($"{name}_add", add, "items/s");
        yield return new BenchRow($"{name}_claim_complete", items / seconds, "items/s") { Limit = "figure to reach", LimitValue = target };
        yield return new BenchRow($"{name}_first_tenth", Rate(first), "items/s");
        yield return new BenchRow($"{name}_last_tenth", Rate(last), "items/s");
        yield return new BenchRow($"{name}_claim_p50_last_tenth", Quantile(last, 0.5), "ms") { LowerIsBetter = true };
        yield return new BenchRow($"{name}_claim_p99_first_tenth", Quantile(first, 0.99), "ms") { LowerIsBetter = true };
        yield return new BenchRow($"{name}_claim_p99_last_tenth", Quantile(last, 0.99), "ms") { LowerIsBetter = true, Limit = "figure to reach", LimitValue = 20 };
    }

    private static double Rate(List<(long At, double Ms)> claims) => (claims.Count - 1) / Stopwatch.GetElapsedTime(claims[0].At, claims[^1].At).TotalSeconds;

    private static double Quantile(List<(long At, double Ms)> claims, double share)
    {
        double[] sorted = [.. claims.Select(c => c.Ms).Order()];
        return sorted[Math.Min(sorted.Length - 1, (int)(share * sorted.Length))];
    }
}
