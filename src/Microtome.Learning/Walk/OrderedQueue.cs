namespace Microtome.Learning;

/// <summary>
/// A bounded queue whose items come out in the order of their index, whoever puts them in first. A producer waits until its index lies
/// less than the capacity ahead of the consumer, so at most that many items exist at once, and the next item wanted is always admitted.
/// </summary>
internal sealed class OrderedQueue<T>(int first, int end, int capacity)
    where T : class
{
    private readonly object gate = new();
    private readonly T?[] ring = new T?[capacity];
    private int next = first;

    /// <summary>Waits until an item of this index may be made.</summary>
    public void WaitForRoom(int index, CancellationToken cancellation)
    {
        lock (gate)
        {
            while (index >= next + capacity)
                Pause(cancellation);
        }
    }

    /// <summary>Puts an item in; its room was granted by <see cref="WaitForRoom"/>.</summary>
    public void Put(int index, T item)
    {
        lock (gate)
        {
            ring[index % capacity] = item;
            Monitor.PulseAll(gate);
        }
    }

    /// <summary>Takes the next item in order, or null at the end.</summary>
    public T? Take(CancellationToken cancellation)
    {
        lock (gate)
        {
            if (next >= end)
                return null;
            ref T? slot = ref ring[next % capacity];
            while (slot is null)
                Pause(cancellation);
            T item = slot;
            slot = null;
            next++;
            Monitor.PulseAll(gate);
            return item;
        }
    }

    /// <summary>Wakes everyone who waits; called after a cancellation.</summary>
    public void Wake()
    {
        lock (gate)
            Monitor.PulseAll(gate);
    }

    private void Pause(CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        Monitor.Wait(gate);
        cancellation.ThrowIfCancellationRequested();
    }
}
