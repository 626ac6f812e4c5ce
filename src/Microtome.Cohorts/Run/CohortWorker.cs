using System.Diagnostics;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microtome.Imaging;
using Microtome.Learning.Models;
using Microtome.Ledger;
using Microtome.Pathology;

namespace Microtome.Cohorts;

/// <summary>
/// One worker: takes slides from the ledger and analyses them until none is left. A slide that cannot be read is a failed item with its reason; trouble that may
/// pass (another run holds the folder, memory, a file system that does not answer) gives it back; a full disk ends the worker, because every slide would meet it.
/// </summary>
public sealed class CohortWorker : IDisposable
{
    private static readonly TimeSpan s_poll = TimeSpan.FromSeconds(1);
    private readonly Cohort cohort;
    private readonly WorkerOptions options;
    private readonly IAnalysisLog log;
    private readonly SlideAnalysis analysis;

    /// <summary>Makes a worker; models are opened now, networks with the first slide that needs them.</summary>
    /// <exception cref="ModelException">A model is missing or damaged.</exception>
    public CohortWorker(Cohort cohort, WorkerOptions options, IAnalysisLog log)
    {
        this.cohort = cohort;
        this.options = options;
        this.log = log;
        cohort.Ledger.LeaseTime = TimeSpan.FromSeconds(options.LeaseSeconds);
        cohort.Ledger.Say = log.Say;
        var plan = cohort.Plan;
        bool nuclei = plan.Parts.Contains("nuclei", StringComparer.Ordinal);
        var settings = new AnalysisSettings
        {
            Output = plan.Output,
            Nuclei = nuclei,
            Tissue = TissueOptions.Named(plan.Preset),
            Threads = options.Threads,
            BatchSize = options.Device == "cpu" ? 1 : 4,
            Device = options.Device,
            Seed = plan.Seed,
            CommandLine = options.CommandLine,
        };
        var precision = plan.Precision switch { "float32" => NetworkPrecision.Float32, "int8" => NetworkPrecision.Int8, _ => NetworkPrecision.Auto };
        var model = nuclei ? NucleusModels.Open(plan.Model, options.Device, options.Threads, plan.Flips, options.Device == "cpu" ? Math.Min(options.Threads, 4) : 1, precision) : null;
        var maps = new List<PatchMapModel>();
        if (plan.Parts.Contains("til", StringComparer.Ordinal))
            maps.Add(PatchMapModel.Open(plan.TilModel, PatchTask.Til, options.Device, options.Threads));
        if (plan.Parts.Contains("tumor", StringComparer.Ordinal))
            maps.Add(PatchMapModel.Open(plan.TumorModel, PatchTask.Tumor, options.Device, options.Threads));
        analysis = new SlideAnalysis(settings, model, log, maps: maps);
    }

    /// <summary>Works until nothing is left for it.</summary>
    /// <exception cref="IOException">The disk is full; what was begun is given back.</exception>
    /// <exception cref="OperationCanceledException">Cancelled; what was begun is given back.</exception>
    public void Run(CancellationToken cancellation)
    {
        cohort.Ledger.Stop = cancellation;
        while (true)
        {
            cancellation.ThrowIfCancellationRequested();
            cohort.Ledger.Sweep();
            if (cohort.Ledger.Claim(options.Shard) is { } lease)
                Work(lease, cancellation);
            else if (cohort.Ledger.Count() is var counts && (counts.IsOver || (counts.Waiting + counts.Running > 0 && !Concerns(counts))))
                return;
            else
                cancellation.WaitHandle.WaitOne(s_poll);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => analysis.Dispose();

    // What others still do may come back to us if they die; of other shards' slides nothing will.
    private bool Concerns(LedgerCounts counts) =>
        options.Shard.Count <= 1 || (counts.Waiting + counts.Running > 0 && cohort.Ledger.Items(ItemState.Running).Concat(cohort.Ledger.Items(ItemState.Waiting)).Any(i => options.Shard.Holds(i.Id)));

    private void Work(Lease lease, CancellationToken cancellation)
    {
        using var keeper = new LeaseKeeper(cohort.Ledger, lease);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellation, keeper.Lost);
        long start = Stopwatch.GetTimestamp();
        RecordKeeper? notebook = null;
        double Seconds() => Math.Round(Stopwatch.GetElapsedTime(start).TotalSeconds, 3);
        try
        {
            var slide = Cohort.SlideOf(lease.Payload);
            notebook = options.Records ? new RecordKeeper(cohort.Plan, lease, cohort.Ledger.MaxAttempts) : null;
            if (notebook?.Finished is { } earlier)
            {
                Close(lease, earlier.State, earlier.Reason, earlier.Result?.GetRawText() ?? "{}", earlier.Seconds ?? 0);
                return;
            }

            try
            {
                var summary = analysis.Run(new SlideInput(slide.Path, slide.Mpp), either.Token, _ => notebook?.Begin(), (s, seconds) => notebook?.End(ItemState.Done, null, s, seconds));
                Close(lease, ItemState.Done, null, summary.ToJsonString(CohortPlan.Json), Seconds());
            }
            catch (Exception e) when (IsTheSlides(e) && !DiskSpace.IsExhausted(e))
            {
                log.Say($"{lease.Name}: {e.Message}");
                notebook?.End(ItemState.Failed, e.Message, null, Seconds());
                Close(lease, ItemState.Failed, e.Message, null, Seconds());
            }
        }
        catch (LeaseLostException e)
        {
            log.Say(e.Message);
        }
        catch (OperationCanceledException) when (keeper.Lost.IsCancellationRequested && !cancellation.IsCancellationRequested)
        {
            log.Say($"{lease.Name}: the lease was lost; another worker has the slide.");
        }
        catch (OperationCanceledException)
        {
            Quietly(() => notebook?.Release());
            Quietly(() => cohort.Ledger.Release(lease, TimeSpan.Zero));
            throw;
        }
        catch (Exception e) when (DiskSpace.IsExhausted(e))
        {
            Quietly(() => notebook?.Release());
            Quietly(() => cohort.Ledger.Release(lease, TimeSpan.Zero));
            throw;
        }
        catch (FolderBusyException e)
        {
            log.Say($"{e.Message} It comes later.");
            Quietly(() => cohort.Ledger.Release(lease, TimeSpan.FromSeconds(Math.Min(10, options.LeaseSeconds))));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or OutOfMemoryException)
        {
            log.Say($"{lease.Name}, attempt {lease.Attempt} of {cohort.Ledger.MaxAttempts}: {e.Message}");
            Quietly(() => cohort.Ledger.GiveBack(lease, e.Message, TimeSpan.FromSeconds(2)));
        }
    }

    private static bool IsTheSlides(Exception e) => e is SlideException or ModelException or InvalidDataException or UsageException or FileNotFoundException or DirectoryNotFoundException;

    private void Close(Lease lease, ItemState state, string? reason, string? result, double seconds)
    {
        if (state == ItemState.Done)
            cohort.Ledger.Complete(lease, result ?? "{}", seconds);
        else
            cohort.Ledger.Fail(lease, reason ?? "no reason was given", seconds);
    }

    private void Quietly(Action act)
    {
        try
        {
            act();
        }
        catch (Exception e) when (e is LeaseLostException or LedgerException or IOException)
        {
            log.Say(e.Message);
        }
    }
}
