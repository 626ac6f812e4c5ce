namespace Microtome.Cohorts;

/// <summary>A cohort run to be simulated.</summary>
public sealed record ScalingOptions
{
    /// <summary>Slides.</summary>
    public int Slides { get; init; } = 5060;

    /// <summary>Seconds that measured slides took; the simulated ones are drawn from them and multiplied by <see cref="Size"/>.</summary>
    public required IReadOnlyList<double> MeasuredSeconds { get; init; }

    /// <summary>How much more work a slide of the cohort is than a measured one.</summary>
    public double Size { get; init; } = 1;

    /// <summary>Standard deviation of the logarithm of a further factor: slides differ more than those measured.</summary>
    public double Spread { get; init; } = 0.5;

    /// <summary>Share of the slides that take ten times as long.</summary>
    public double Stragglers { get; init; } = 0.01;

    /// <summary>Worker deaths per hour of work; a new worker takes its place at once.</summary>
    public double DeathsPerHour { get; init; } = 0.02;

    /// <summary>Seconds until a dead worker's slide is given away.</summary>
    public double LeaseSeconds { get; init; } = 60;

    /// <summary>Share of a slide's work that is lost when its worker dies: finished steps stay.</summary>
    public double Lost { get; init; } = 0.3;

    /// <summary>Seconds that a claim and a completion keep the ledger busy.</summary>
    public double LedgerSeconds { get; init; } = 1.0 / 2000;

    /// <summary>Seconds between two renewals of a lease, each as dear as a claim.</summary>
    public double RenewEvery { get; init; } = 20;

    /// <summary>Bytes that a slide reads from the shared file system.</summary>
    public double SlideBytes { get; init; } = 1e9;

    /// <summary>Bytes a second that the shared file system gives to all together.</summary>
    public double StorageBytesPerSecond { get; init; } = 1e9;

    /// <summary>Whether slides are parted before (shards) instead of given out as workers come free.</summary>
    public bool Shards { get; init; }

    /// <summary>Seed.</summary>
    public int Seed { get; init; }
}
