namespace Microtome.Cohorts;

/// <summary>How a worker works; none of it changes a result.</summary>
public sealed record WorkerOptions
{
    /// <summary>Threads. Default: every core.</summary>
    public int Threads { get; init; } = Environment.ProcessorCount;

    /// <summary>Where networks run: cpu or cuda.</summary>
    public string Device { get; init; } = "cpu";

    /// <summary>Only these slides.</summary>
    public Ledger.Shard Shard { get; init; } = Ledger.Shard.All;

    /// <summary>Seconds that a lease lasts without a sign of life.</summary>
    public double LeaseSeconds { get; init; } = 60;

    /// <summary>Whether each slide's record is kept beside its results (shards without a common ledger).</summary>
    public bool Records { get; init; }

    /// <summary>The command line, for the provenance.</summary>
    public IReadOnlyList<string> CommandLine { get; init; } = [];
}
