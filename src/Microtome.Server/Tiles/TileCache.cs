namespace Microtome.Server;

/// <summary>
/// Answers that cost work, kept up to a number of bytes; the least recently used goes first. What several requests miss at the same time is made once. At most as many are made at
/// once as there are cores. A request that gives up leaves the work to the others that wait; work that has not begun and that nobody waits for any more is dropped. A failure is not
/// kept. Any thread may call.
/// </summary>
public sealed class TileCache : IDisposable
{
    // What an entry costs beside its bytes: key, node, array header.
    private const int Overhead = 256;

    private readonly Lock turn = new();
    private readonly Dictionary<TileKey, LinkedListNode<Entry>> entries = [];
    private readonly LinkedList<Entry> byUse = new();
    private readonly Dictionary<TileKey, Flight> flights = [];
    private readonly SemaphoreSlim gate = new(Environment.ProcessorCount);
    private readonly long capacity;
    private long bytes;

    /// <summary>Makes an empty cache.</summary>
    public TileCache(ServerOptions options) => capacity = options.CacheBytes;

    /// <summary>Bytes held, bookkeeping included; never more than the limit.</summary>
    public long Bytes
    {
        get
        {
            lock (turn)
                return bytes;
        }
    }

    /// <summary>What is being made now.</summary>
    public int InFlight
    {
        get
        {
            lock (turn)
                return flights.Count;
        }
    }

    /// <summary>Gives the answer from the cache, or makes it.</summary>
    /// <param name="key">What it is about.</param>
    /// <param name="make">Makes it; runs on a thread of the pool, at most once at a time for a key.</param>
    /// <param name="cancellation">Gives up waiting.</param>
    /// <returns>The bytes, not to be changed, and whether they were there already.</returns>
    /// <exception cref="OperationCanceledException">The caller gave up.</exception>
    public async ValueTask<(byte[] Bytes, bool Cached)> GetAsync(TileKey key, Func<byte[]> make, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        Flight flight;
        lock (turn)
        {
            if (entries.TryGetValue(key, out var node))
            {
                byUse.Remove(node);
                byUse.AddFirst(node);
                return (node.Value.Bytes, true);
            }

            if (!flights.TryGetValue(key, out flight!))
            {
                flight = new Flight();
                flights[key] = flight;
                flight.Work = Task.Run(() => MakeAsync(key, flight, make), CancellationToken.None);
            }

            flight.Waiters++;
        }

        try
        {
            return (await flight.Work.WaitAsync(cancellation), false);
        }
        finally
        {
            lock (turn)
            {
                if (--flight.Waiters == 0 && !flight.Begun)
                {
                    // Nobody wants it any more; whoever comes now starts anew.
                    Land(key, flight);
                    flight.Dropped.Cancel();
                }
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose() => gate.Dispose();

    private async Task<byte[]> MakeAsync(TileKey key, Flight flight, Func<byte[]> make)
    {
        await gate.WaitAsync(flight.Dropped.Token);
        try
        {
            lock (turn)
            {
                flight.Dropped.Token.ThrowIfCancellationRequested();
                flight.Begun = true;
            }

            byte[] made = make();
            lock (turn)
                Keep(key, made);
            return made;
        }
        finally
        {
            lock (turn)
                Land(key, flight);
            gate.Release();
        }
    }

    private void Land(TileKey key, Flight flight)
    {
        if (flights.TryGetValue(key, out var now) && now == flight)
            flights.Remove(key);
    }

    private void Keep(TileKey key, byte[] made)
    {
        long cost = made.Length + Overhead;
        if (cost > capacity || entries.ContainsKey(key))
            return;
        while (bytes + cost > capacity)
        {
            var last = byUse.Last!;
            bytes -= last.Value.Bytes.Length + Overhead;
            entries.Remove(last.Value.Key);
            byUse.RemoveLast();
        }

        entries[key] = byUse.AddFirst(new Entry(key, made));
        bytes += cost;
    }

    private readonly record struct Entry(TileKey Key, byte[] Bytes);

    private sealed class Flight
    {
        public Task<byte[]> Work { get; set; } = null!;

        // No timer and no registration outlives it, so that it needs no disposal.
        public CancellationTokenSource Dropped { get; } = new();

        public int Waiters { get; set; }

        public bool Begun { get; set; }
    }
}
