using System.CommandLine;
using Microtome.Cohorts;
using Microtome.Imaging;
using Microtome.Ledger;

namespace Microtome.Cli.Commands;

/// <summary><c>cohort work</c>: one worker of <c>cohort run</c>, which starts it. Its ledger comes by the environment; it ends when its standard input does.</summary>
internal static class CohortWorkCommand
{
    public static Command Create()
    {
        var shard = new Option<string?>("--shard") { Description = "Only part i of n.", HelpName = "i/n" };
        var lease = new Option<double>("--lease") { Description = "Seconds of a lease.", HelpName = "S", DefaultValueFactory = static _ => 60 };
        var records = new Option<bool>("--records") { Description = "Keep a record beside each slide's results." };
        var command = new Command("work", "One worker of 'cohort run'.") { shard, lease, records };
        command.Hidden = true;
        command.SetAction((result, cancellation) =>
        {
            var common = CommonSettings.From(result);
            string address = Environment.GetEnvironmentVariable(WorkerPool.AddressVariable) ?? throw new UsageException("This command is started by 'microtome cohort run'.");
            using var orphaned = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
            var watch = new Thread(() =>
            {
                while (Console.In.Read() >= 0)
                {
                    // Nothing is said on it; only its end counts.
                }

                orphaned.Cancel();
            })
            { IsBackground = true };
            watch.Start();
            using var cohort = Cohort.Open(address);
            using var worker = new CohortWorker(
                cohort,
                new WorkerOptions
                {
                    Threads = common.Threads,
                    Device = common.Device,
                    Shard = result.GetValue(shard) is { } part ? Shard.Parse(part) : Shard.All,
                    LeaseSeconds = result.GetValue(lease),
                    Records = result.GetValue(records),
                    CommandLine = Environment.GetCommandLineArgs(),
                },
                new AnalysisConsole());
            worker.Run(orphaned.Token);
            return Task.FromResult(ExitCode.Done);
        });
        return command;
    }
}
