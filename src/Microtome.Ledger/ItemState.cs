namespace Microtome.Ledger;

/// <summary>Where a work item stands.</summary>
public enum ItemState
{
    /// <summary>Nobody works on it.</summary>
    Waiting = 0,

    /// <summary>A worker holds a lease on it.</summary>
    Running = 1,

    /// <summary>Its result is noted.</summary>
    Done = 2,

    /// <summary>It cannot be done; the reason is noted.</summary>
    Failed = 3,
}
