using System.Collections.Concurrent;
using Microtome.Imaging;
using Microtome.Pathology;

namespace Microtome.Server;

/// <summary>
/// The nuclei of one file as they become known: a sample first when there are many, all of them when the reading is done. Keeps a few connections for outlines. Any thread may call.
/// </summary>
internal sealed class NucleusSet : IDisposable
{
    // Up to so many nuclei are read before anything could be shown of a sample.
    private const int FewEnough = 50_000;
    private const int SampleSize = 12_000;

    private readonly ConcurrentBag<NucleusLayer> readers = [];
    private readonly CancellationTokenSource stop = new();
    private readonly string path;
    private readonly Task<NucleusIndex>? sample;
    private volatile bool closed;

    public NucleusSet(string path, string key, (long Width, long Height) size)
    {
        this.path = path;
        Key = key;
        Many = CountOf(path) > FewEnough;
        sample = Many ? Task.Run(() => NucleusIndex.Read(path, size, SampleSize, stop.Token)) : null;
        Whole = ReadAsync(size);
    }

    /// <summary>Path and state of the file.</summary>
    public string Key { get; }

    /// <summary>All nuclei.</summary>
    public Task<NucleusIndex> Whole { get; }

    /// <summary>Whether a sample is shown first.</summary>
    private bool Many { get; }

    public long Bytes => Whole.IsCompletedSuccessfully ? Whole.Result.Bytes : 0;

    /// <summary>All nuclei when they are there or about to be; the sample otherwise.</summary>
    public async Task<(NucleusIndex Index, bool Preliminary)> BestAsync(CancellationToken cancellation)
    {
        if (sample is null || Whole.IsCompleted)
            return (await Whole.WaitAsync(cancellation), false);
        var first = await sample.WaitAsync(cancellation);
        return Whole.IsCompleted ? (await Whole, false) : (first, true);
    }

    /// <summary>Lends a connection.</summary>
    public T With<T>(Func<NucleusLayer, T> work)
    {
        if (!readers.TryTake(out var reader))
            reader = new NucleusLayer(path);
        try
        {
            return work(reader);
        }
        finally
        {
            readers.Add(reader);
            if (closed)
                Clear();
        }
    }

    public void Dispose()
    {
        closed = true;
        stop.Cancel();
        Clear();
    }

    private static long CountOf(string path)
    {
        using var layer = new NucleusLayer(path);
        return layer.LastId;
    }

    // The sample goes first: it is what a person waits for.
    private async Task<NucleusIndex> ReadAsync((long Width, long Height) size)
    {
        if (sample is not null)
            await ((Task)sample).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        return await Task.Run(() => NucleusIndex.Read(path, size, 0, stop.Token));
    }

    private void Clear()
    {
        while (readers.TryTake(out var reader))
            reader.Dispose();
    }
}
