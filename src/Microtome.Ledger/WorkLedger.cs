using Microtome.Imaging;

namespace Microtome.Ledger;

/// <summary>
/// Work items and who works on them, in a database that many processes share: a SQLite file (one host) or PostgreSQL (any number). A worker claims an item, renews
/// its lease while it works, and completes or fails it. A lease that is not renewed runs out and the item is given to another worker; whoever comes late with
/// an outdated lease is refused, so an item is completed exactly once. Safe to use from several threads.
/// </summary>
public abstract class WorkLedger : IDisposable
{
    /// <summary>After how many attempts an item whose workers died or met passing trouble counts as failed, unless the ledger says otherwise.</summary>
    public const int DefaultMaxAttempts = 3;

    /// <summary>How long a lease lasts without being renewed.</summary>
    public TimeSpan LeaseTime { get; set; } = TimeSpan.FromSeconds(60);

    /// <summary>How long an operation is tried again when the database does not answer, before it fails.</summary>
    public TimeSpan Patience { get; set; } = TimeSpan.FromMinutes(10);

    /// <summary>Ends the patience: somebody wants to leave.</summary>
    public CancellationToken Stop { get; set; }

    /// <summary>Told once when the database does not answer, and once when it does again.</summary>
    public Action<string>? Say { get; set; }

    /// <summary>After how many attempts an item counts as failed.</summary>
    public abstract int MaxAttempts { get; }

    /// <summary>The address without any password, for messages.</summary>
    public abstract string Address { get; }

    /// <summary>Whether an address means PostgreSQL: <c>postgres://...</c>, <c>postgresql://...</c> or <c>Host=...;Database=...</c>.</summary>
    public static bool IsServer(string address) =>
        address.StartsWith("postgres://", StringComparison.Ordinal) || address.StartsWith("postgresql://", StringComparison.Ordinal) || address.StartsWith("Host=", StringComparison.OrdinalIgnoreCase);

    /// <summary>Opens a ledger that exists.</summary>
    /// <exception cref="LedgerException">There is none, or it is none.</exception>
    public static WorkLedger Open(string address) => IsServer(address) ? new PostgresLedger(address, create: false) : new SqliteLedger(address, create: false);

    /// <summary>Makes a new ledger.</summary>
    /// <param name="address">A file that does not exist, or a database without one.</param>
    /// <param name="settings">What every worker should know; written together with the tables.</param>
    /// <exception cref="LedgerException">There is one already, or it cannot be made.</exception>
    public static WorkLedger Create(string address, IReadOnlyDictionary<string, string> settings) =>
        IsServer(address) ? new PostgresLedger(address, create: true, settings) : new SqliteLedger(address, create: true, settings);

    /// <summary>A setting, or null.</summary>
    public abstract string? this[string setting] { get; }

    /// <summary>Changes settings.</summary>
    public abstract void Set(IReadOnlyDictionary<string, string> settings);

    /// <summary>Adds items; all or none.</summary>
    /// <returns>How many were added; names that are there already are left as they are.</returns>
    public abstract long Add(IEnumerable<NewItem> items);

    /// <summary>Takes the next waiting item.</summary>
    /// <param name="shard">Only items of this part.</param>
    /// <returns>The lease, or null when nothing waits.</returns>
    public abstract Lease? Claim(Shard shard);

    /// <summary>Prolongs a lease.</summary>
    /// <exception cref="LeaseLostException">It ran out and the item was given away.</exception>
    public abstract void Renew(Lease lease);

    /// <summary>Notes an item as done. Doing it twice with the same lease is doing it once.</summary>
    /// <exception cref="LeaseLostException">The item is not this worker's any more; nothing was changed.</exception>
    public abstract void Complete(Lease lease, string result, double seconds);

    /// <summary>Notes an item as failed for good, with the reason.</summary>
    /// <exception cref="LeaseLostException">The item is not this worker's any more.</exception>
    public abstract void Fail(Lease lease, string reason, double seconds);

    /// <summary>Gives an item back after passing trouble: it waits again, or has failed if that was its last attempt.</summary>
    /// <exception cref="LeaseLostException">The item is not this worker's any more.</exception>
    public abstract void GiveBack(Lease lease, string reason, TimeSpan delay);

    /// <summary>Gives an item back untouched; the attempt does not count.</summary>
    /// <exception cref="LeaseLostException">The item is not this worker's any more.</exception>
    public abstract void Release(Lease lease, TimeSpan delay);

    /// <summary>Takes items from workers that are dead or silent.</summary>
    /// <returns>How many.</returns>
    public abstract int Sweep();

    /// <summary>Lets failed items be done again.</summary>
    /// <param name="names">Which, whatever their state unless running; null for all that failed.</param>
    /// <returns>How many.</returns>
    public abstract long Retry(IReadOnlyCollection<string>? names);

    /// <summary>Notes what somebody else's record says of an item: done or failed without this ledger's lease (shards with records of their own).</summary>
    /// <returns>Whether anything changed.</returns>
    public abstract bool Absorb(string name, int round, ItemState state, int attempts, string? holder, string? reason, string? result, double? seconds);

    /// <summary>Counts the items by state.</summary>
    public abstract LedgerCounts Count();

    /// <summary>Sum of the seconds of all finished items.</summary>
    public abstract double SumOfSeconds();

    /// <summary>Items in the order of adding, read in pages.</summary>
    /// <param name="state">Only these, or null for all.</param>
    public abstract IEnumerable<LedgerItem> Items(ItemState? state = null);

    /// <summary>One item, or null.</summary>
    public abstract LedgerItem? Find(string name);

    /// <summary>Adds a note to an item; on disk when this returns.</summary>
    /// <exception cref="UsageException">There is no such item.</exception>
    public abstract void AddNote(string item, string kind, string who, string body);

    /// <summary>Notes of a kind, oldest first.</summary>
    /// <param name="kind">Which kind.</param>
    /// <param name="item">Only of this item, or null.</param>
    public abstract IReadOnlyList<LedgerNote> Notes(string kind, string? item = null);

    /// <inheritdoc/>
    public void Dispose()
    {
        Dispose(disposing: true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Closes the connection.</summary>
    protected abstract void Dispose(bool disposing);
}
