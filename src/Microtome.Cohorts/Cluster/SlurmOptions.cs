namespace Microtome.Cohorts;

/// <summary>What is asked of Slurm for each task of the array.</summary>
public sealed record SlurmOptions
{
    /// <summary>Tasks of the array.</summary>
    public required int Tasks { get; init; }

    /// <summary>Tasks that may run at once; null for as many as there is room for.</summary>
    public int? AtOnce { get; init; }

    /// <summary>The partition, or null for the cluster's default.</summary>
    public string? Partition { get; init; }

    /// <summary>The account, or null.</summary>
    public string? Account { get; init; }

    /// <summary>Time limit in Slurm's notation, or null.</summary>
    public string? Time { get; init; }

    /// <summary>Memory a task in Slurm's notation, or null.</summary>
    public string? Memory { get; init; }

    /// <summary>GPUs a task.</summary>
    public int Gpus { get; init; }

    /// <summary>Cores a task.</summary>
    public int Cores { get; init; } = 1;
}
