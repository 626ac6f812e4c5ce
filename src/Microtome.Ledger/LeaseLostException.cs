namespace Microtome.Ledger;

/// <summary>The item is no longer this worker's: its lease ran out and another took it, or a person changed it.</summary>
public sealed class LeaseLostException : Exception
{
    /// <summary>Makes one.</summary>
    public LeaseLostException(Lease lease)
        : base($"The lease on {lease.Name} was lost: it had run out and the item was given to another worker, or a person changed it.") => Lease = lease;

    /// <summary>The lease.</summary>
    public Lease Lease { get; }
}
