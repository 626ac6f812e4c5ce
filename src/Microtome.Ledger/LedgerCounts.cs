namespace Microtome.Ledger;

/// <summary>How many items stand where.</summary>
/// <param name="Waiting">Nobody works on them.</param>
/// <param name="Running">A worker holds a lease.</param>
/// <param name="Done">Finished.</param>
/// <param name="Failed">Given up, with a reason.</param>
public readonly record struct LedgerCounts(long Waiting, long Running, long Done, long Failed)
{
    /// <summary>All items.</summary>
    public long Total => Waiting + Running + Done + Failed;

    /// <summary>Whether nothing is left to do.</summary>
    public bool IsOver => Waiting == 0 && Running == 0;
}
