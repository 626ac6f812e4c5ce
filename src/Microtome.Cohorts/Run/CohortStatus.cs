using System.Text.Json.Nodes;
using Microtome.Ledger;

namespace Microtome.Cohorts;

/// <summary>How far a cohort is.</summary>
/// <param name="Counts">Slides by state; those that shards work on count as running.</param>
/// <param name="SecondsPerSlide">Mean of the finished slides, by the workers' own clocks; null before the first.</param>
/// <param name="Holders">Who works on what now: slide and worker.</param>
/// <param name="Failures">Slides that failed, with the reasons (at most the asked-for number).</param>
public sealed record CohortStatus(LedgerCounts Counts, double? SecondsPerSlide, IReadOnlyList<(string Slide, string Worker)> Holders, IReadOnlyList<(string Slide, string Reason)> Failures)
{
    /// <summary>Slides an hour at the present number of workers, or null.</summary>
    public double? SlidesPerHour => SecondsPerSlide is > 0 && Counts.Running > 0 ? 3600 / SecondsPerSlide * Counts.Running : null;

    /// <summary>How long what is left will take at the present number of workers, or null.</summary>
    public TimeSpan? Remaining => SecondsPerSlide is { } each && Counts.Running > 0 ? TimeSpan.FromSeconds(each * (Counts.Waiting + (0.5 * Counts.Running)) / Counts.Running) : null;

    /// <summary>Asks a cohort, records of shards included.</summary>
    public static CohortStatus Of(Cohort cohort, int failures = 20)
    {
        var records = cohort.Absorb();
        var counts = cohort.Ledger.Count();
        var running = cohort.Ledger.Items(ItemState.Running).Select(i => (i.Name, Name(i.Holder))).ToList();
        int elsewhere = 0;
        foreach (var record in records.Where(r => !running.Exists(x => x.Name == r.Slide)))
        {
            running.Add((record.Slide, Name(record.Holder)));
            elsewhere++;
        }

        counts = counts with { Waiting = counts.Waiting - elsewhere, Running = counts.Running + elsewhere };
        return new CohortStatus(
            counts,
            counts.Done > 0 ? cohort.Ledger.SumOfSeconds() / counts.Done : null,
            running,
            [.. cohort.Ledger.Items(ItemState.Failed).Take(failures).Select(i => (i.Name, i.Reason ?? string.Empty))]);
    }

    /// <summary>As JSON.</summary>
    public JsonObject ToJson() => new()
    {
        ["waiting"] = Counts.Waiting,
        ["running"] = Counts.Running,
        ["done"] = Counts.Done,
        ["failed"] = Counts.Failed,
        ["seconds_per_slide"] = SecondsPerSlide is { } s ? Math.Round(s, 3) : null,
        ["slides_per_hour"] = SlidesPerHour is { } rate ? Math.Round(rate, 2) : null,
        ["remaining_s"] = Remaining is { } left ? Math.Round(left.TotalSeconds) : null,
        ["workers"] = new JsonArray([.. Holders.Select(h => new JsonObject { ["slide"] = h.Slide, ["worker"] = h.Worker })]),
        ["failures"] = new JsonArray([.. Failures.Select(f => new JsonObject { ["slide"] = f.Slide, ["reason"] = f.Reason })]),
    };

    private static string Name(string? holder) => WorkerIdentity.Parse(holder) is { } worker ? $"{worker.Host}:{worker.Pid}" : holder ?? "?";
}
