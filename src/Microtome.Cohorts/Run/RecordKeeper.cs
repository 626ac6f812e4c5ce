using System.Text.Json;
using System.Text.Json.Nodes;
using Microtome.Ledger;

namespace Microtome.Cohorts;

/// <summary>Keeps the record of one slide beside its results while a shard works on it.</summary>
internal sealed class RecordKeeper
{
    private readonly CohortPlan plan;
    private readonly string slide;
    private readonly int round;
    private readonly int maxAttempts;
    private int attempts;
    private bool begun;

    public RecordKeeper(CohortPlan plan, Lease lease, int maxAttempts)
    {
        this.plan = plan;
        this.maxAttempts = maxAttempts;
        slide = lease.Name;
        round = JsonSerializer.Deserialize<JsonObject>(lease.Payload)?["round"]?.GetValue<int>() ?? 0;
        var known = SlideRecord.Read(plan, slide, round);
        if (known is { State: ItemState.Done or ItemState.Failed })
            Finished = known;
        attempts = known?.Attempts ?? 0;
    }

    /// <summary>What another run has made of the slide already, or null.</summary>
    public SlideRecord? Finished { get; }

    /// <summary>To be called when the slide's folder is ours: notes one more attempt.</summary>
    /// <exception cref="InvalidDataException">Too many workers died on this slide.</exception>
    public void Begin()
    {
        if (attempts >= maxAttempts)
            throw new InvalidDataException($"{attempts} workers died while they worked on this slide.");
        attempts++;
        begun = true;
        Record(ItemState.Running, null, null, null).Write(plan);
    }

    /// <summary>Notes how it ended.</summary>
    public void End(ItemState state, string? reason, JsonObject? summary, double seconds) => Record(state, reason, summary, seconds).Write(plan);

    /// <summary>Stopped on purpose: the attempt does not count.</summary>
    public void Release()
    {
        if (!begun)
            return;
        attempts--;
        Record(ItemState.Waiting, null, null, null).Write(plan);
    }

    private SlideRecord Record(ItemState state, string? reason, JsonObject? summary, double? seconds) => new()
    {
        Cohort = plan.Id,
        Slide = slide,
        Round = round,
        State = state,
        Attempts = attempts,
        Holder = WorkerIdentity.Own.ToString(),
        Job = Environment.GetEnvironmentVariable("SLURM_ARRAY_JOB_ID") is { } job ? $"{job}_{Environment.GetEnvironmentVariable("SLURM_ARRAY_TASK_ID")}" : Environment.GetEnvironmentVariable("SLURM_JOB_ID"),
        Reason = reason,
        Seconds = seconds,
        Result = summary is null ? null : JsonSerializer.SerializeToElement(summary),
    };
}
