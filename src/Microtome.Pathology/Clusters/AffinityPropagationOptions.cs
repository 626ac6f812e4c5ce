namespace Microtome.Pathology;

/// <summary>How affinity propagation runs. The defaults are those of R's package apcluster.</summary>
public sealed record AffinityPropagationOptions
{
    /// <summary>Part of the old message that stays, 0.5 to below 1.</summary>
    public double Damping { get; init; } = 0.9;

    /// <summary>Rounds at most.</summary>
    public int MostRounds { get; init; } = 1000;

    /// <summary>Rounds without another choice of exemplars after which it has settled.</summary>
    public int SteadyRounds { get; init; } = 100;

    /// <summary>How much each point wants to be an exemplar; null: the median of the similarities of two different points.</summary>
    public double? Preference { get; init; }

    /// <summary>Threads; they change no result.</summary>
    public int Threads { get; init; } = 1;
}
