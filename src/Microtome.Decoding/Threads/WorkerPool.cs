namespace Microtome.Decoding;

/// <summary>
/// Threads that stay: they spin for a short while after a piece of work, then sleep. Work is a fixed number of blocks, taken one after another by whoever is free; results cannot depend on the number of
/// threads as long as a block's result does not depend on who works on it. One caller at a time.
/// </summary>
internal sealed class WorkerPool : IDisposable
{
    private const int Spins = 2_000;

    private readonly Worker[] workers;
    private volatile Action<int>? body;
    private Exception? failure;
    private int blocks;
    private int next;
    private int active;
    private int open;
    private volatile int generation;
    private volatile bool closing;

    /// <summary>Starts <paramref name="threads"/> - 1 threads; the caller is one, too.</summary>
    public WorkerPool(int threads)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(threads, 1);
        Threads = threads;
        workers = new Worker[threads - 1];
        for (var i = 0; i < workers.Length; i++)
        {
            var worker = workers[i] = new Worker();
            worker.Thread = new Thread(() => Loop(worker)) { IsBackground = true, Name = $"decoding {i + 1}" };
            worker.Thread.Start();
        }
    }

    public int Threads { get; }

    /// <summary>Bytes that the pool's threads have allocated on the managed heap so far; for tests.</summary>
    internal long AllocatedBytes
    {
        get
        {
            long sum = 0;
            foreach (var worker in workers)
                sum += Volatile.Read(ref worker.Allocated);
            return sum;
        }
    }

    /// <summary>Calls <paramref name="work"/> for every block from 0 to <paramref name="count"/> - 1 and returns when all are done.</summary>
    public void Run(int count, Action<int> work)
    {
        if (count <= 1 || workers.Length == 0)
        {
            for (var i = 0; i < count; i++)
                work(i);
            return;
        }

        body = work;
        blocks = count;
        next = 0;
        failure = null;
        Interlocked.Exchange(ref open, 1);
        generation++;
        foreach (var worker in workers)
        {
            if (Interlocked.Exchange(ref worker.Asleep, 0) == 1)
                worker.Wake.Set();
        }

        Take(work);
        // Every block is taken. Who has not come by now is not waited for; who is inside is.
        Interlocked.Exchange(ref open, 0);
        var spin = 0;
        while (Volatile.Read(ref active) > 0)
        {
            if (++spin < Spins)
                Thread.SpinWait(8);
            else
                Thread.Yield();
        }

        if (failure is { } e)
            throw new AggregateException(e);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        closing = true;
        generation++;
        foreach (var worker in workers)
        {
            worker.Wake.Set();
            worker.Thread!.Join();
            worker.Dispose();
        }
    }

    private void Take(Action<int> work)
    {
        try
        {
            int block;
            while ((block = Interlocked.Increment(ref next) - 1) < blocks)
                work(block);
        }
        catch (Exception e)
        {
            Interlocked.CompareExchange(ref failure, e, null);
            Volatile.Write(ref next, blocks);
        }
    }

    private void Loop(Worker self)
    {
        var seen = 0;
        while (true)
        {
            var spin = 0;
            while (generation == seen)
            {
                if (++spin < Spins)
                {
                    Thread.SpinWait(8);
                    continue;
                }

                Volatile.Write(ref self.Allocated, GC.GetAllocatedBytesForCurrentThread());
                Interlocked.Exchange(ref self.Asleep, 1);
                // Work that came in between is seen here, or wakes us.
                if (generation != seen && Interlocked.Exchange(ref self.Asleep, 0) == 1)
                    break;
                self.Wake.WaitOne();
            }

            seen = generation;
            if (closing)
                return;
            // In this order: either we see that the work is closed, or its caller sees us.
            Interlocked.Increment(ref active);
            if (Volatile.Read(ref open) == 1)
                Take(body!);
            Volatile.Write(ref self.Allocated, GC.GetAllocatedBytesForCurrentThread());
            Interlocked.Decrement(ref active);
        }
    }

    private sealed class Worker : IDisposable
    {
        public readonly AutoResetEvent Wake = new(false);
        public int Asleep;
        public long Allocated;
        public Thread? Thread;

        public void Dispose() => Wake.Dispose();
    }
}
