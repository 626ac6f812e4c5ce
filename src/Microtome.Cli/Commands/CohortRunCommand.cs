using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using System.Text.Json.Nodes;
using Microtome.Cohorts;
using Microtome.Imaging;
using Microtome.Ledger;

namespace Microtome.Cli.Commands;

/// <summary><c>cohort run LEDGER</c>: works through the slides with as many workers as wanted.</summary>
internal static class CohortRunCommand
{
    private static readonly TimeSpan s_between = TimeSpan.FromSeconds(10);

    public static Command Create()
    {
        var ledger = CohortOptions.Ledger();
        var workers = new Option<int>("--workers") { Description = "Worker processes; they share the threads.", HelpName = "N", DefaultValueFactory = static _ => 1 };
        var shard = new Option<string?>("--shard") { Description = "Only part i of n (from 0). A ledger file is not opened then: the plan beside it is read, and each slide's record is kept beside its results.", HelpName = "i/n" };
        var lease = new Option<double>("--lease") { Description = "Seconds without a sign of life after which a worker's slide is given to another.", HelpName = "S", DefaultValueFactory = static _ => 60 };
        var slurm = new SlurmRunOptions();
        var command = new Command("run", "Work through the slides of a cohort, here or as a Slurm job array.") { ledger, workers, shard, lease };
        slurm.AddTo(command);
        command.SetAction((result, cancellation) =>
        {
            var common = CommonSettings.From(result);
            string address = result.GetValue(ledger)!;
            int count = result.GetValue(workers);
            if (count is < 1 or > 1024)
                throw new UsageException($"--workers {count}: it must lie in 1 to 1024.");
            if (result.GetValue(lease) is < 0.2 or > 86400)
                throw new UsageException($"--lease {result.GetValue(lease)}: it must lie in 0.2 to 86400 seconds.");
            Shard? part = result.GetValue(shard) is { } text ? Shard.Parse(text) : null;
            if (slurm.Wanted(result))
            {
                if (part is not null)
                    throw new UsageException("--slurm makes the shards itself: leave out --shard.");
                return Task.FromResult(slurm.Submit(result, address, count, common));
            }

            return Task.FromResult(part is { } own && !WorkLedger.IsServer(address)
                ? RunShard(address, own, count, result.GetValue(lease), common, cancellation)
                : RunLedger(address, part, count, result.GetValue(lease), common, cancellation));
        });
        return command;
    }

    private static int RunLedger(string address, Shard? part, int workers, double lease, CommonSettings common, CancellationToken cancellation)
    {
        using var cohort = Cohort.Open(address);
        cohort.Ledger.Say = Answer.Log;
        cohort.Ledger.Stop = cancellation;
        cohort.Absorb();
        var begun = cohort.Ledger.Count();
        if (begun.Total == 0)
            throw new UsageException($"{cohort.Ledger.Address} has no slides. 'microtome cohort add {CohortOptions.Shown(address, cohort.Ledger)} SLIDE...' adds some.");
        var next = TimeSpan.Zero;
        var watch = Stopwatch.StartNew();
        var stopped = Pool(address, part, workers, lease, common, records: false).Run(
            cohort.Ledger,
            () =>
            {
                if (watch.Elapsed < next)
                    return;
                next = watch.Elapsed + s_between;
                Answer.Log(CohortStatusCommand.Line(CohortStatus.Of(cohort, 0)));
            },
            cancellation);
        return End(stopped, cohort.Ledger.Count(), cohort.Ledger.Items(ItemState.Failed).Select(i => (i.Name, i.Reason ?? string.Empty)), $"microtome cohort status {CohortOptions.Shown(address, cohort.Ledger)}", common, cancellation);
    }

    private static int RunShard(string address, Shard part, int workers, double lease, CommonSettings common, CancellationToken cancellation)
    {
        using var shard = ShardLedger.Create(address, part);
        Answer.Log(string.Create(CultureInfo.InvariantCulture, $"shard {part}: {shard.Mine.Count} slides, {shard.Waiting} to do"));
        (int Code, string Words)? stopped = null;
        if (shard.Waiting > 0)
        {
            using var ledger = WorkLedger.Open(shard.Address);
            stopped = Pool(shard.Address, null, workers, lease, common, records: true).Run(ledger, static () => { }, cancellation);
        }

        var failed = shard.Mine.Select(i => SlideRecord.Read(shard.Plan, i.Slide.Name, i.Round)).Where(r => r?.State == ItemState.Failed).Select(r => (r!.Slide, r.Reason ?? string.Empty));
        return End(stopped, shard.Count(), failed, $"microtome cohort status {address}", common, cancellation);
    }

    internal static WorkerPool Pool(string address, Shard? part, int workers, double lease, CommonSettings common, bool records)
    {
        int threads = Math.Max(1, common.Threads / workers);
        return new WorkerPool(
            workers,
            _ =>
            {
                var start = Program();
                foreach (string word in (string[])["cohort", "work", "--threads", threads.ToString(CultureInfo.InvariantCulture), "--device", common.Device, "--lease", lease.ToString(CultureInfo.InvariantCulture)])
                    start.ArgumentList.Add(word);
                if (part is { } own)
                {
                    start.ArgumentList.Add("--shard");
                    start.ArgumentList.Add(own.ToString());
                }

                if (records)
                    start.ArgumentList.Add("--records");
                start.Environment[WorkerPool.AddressVariable] = WorkLedger.IsServer(address) ? address : Path.GetFullPath(address);
                return start;
            },
            line =>
            {
                if (common.Verbose || line.Contains(": ", StringComparison.Ordinal))
                    Answer.Log(line);
            });
    }

    // This program again, however it was started.
    private static ProcessStartInfo Program()
    {
        string own = Environment.ProcessPath!;
        var start = new ProcessStartInfo(own);
        if (Path.GetFileNameWithoutExtension(own) == "dotnet")
            start.ArgumentList.Add(Environment.GetCommandLineArgs()[0]);
        return start;
    }

    private static int End((int Code, string Words)? stopped, LedgerCounts counts, IEnumerable<(string Name, string Reason)> failed, string more, CommonSettings common, CancellationToken cancellation)
    {
        var reasons = failed.Take(10).ToList();
        if (common.Json)
        {
            Answer.Json(new JsonObject
            {
                ["done"] = counts.Done,
                ["failed"] = counts.Failed,
                ["waiting"] = counts.Waiting,
                ["running"] = counts.Running,
                ["failures"] = new JsonArray([.. reasons.Select(f => new JsonObject { ["slide"] = f.Name, ["reason"] = f.Reason })]),
            });
        }
        else
        {
            Answer.Line(string.Create(CultureInfo.InvariantCulture, $"{counts.Done:#,##0} of {counts.Total:#,##0} slides done, {counts.Failed:#,##0} failed{(counts.IsOver ? string.Empty : string.Create(CultureInfo.InvariantCulture, $", {counts.Waiting + counts.Running:#,##0} left"))}"));
        }

        cancellation.ThrowIfCancellationRequested();
        if (stopped is { } why)
        {
            Answer.Log(why.Words.Length > 0 ? why.Words : "A worker could not go on.");
            return why.Code;
        }

        if (counts.Failed == 0)
            return ExitCode.Done;
        foreach (var (name, reason) in reasons)
            Answer.Log($"{name}: {reason}");
        throw new PartialFailureException($"{counts.Failed} of {counts.Total} slides failed; '{more}' shows the reasons. After mending: microtome cohort retry, then run again.");
    }
}
