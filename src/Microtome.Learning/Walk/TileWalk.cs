using Microtome.Imaging;

namespace Microtome.Learning;

/// <summary>
/// The walk that every analysis shares: a source yields windows, a network turns them into maps, a map turns tiles of these into results, a sink
/// takes the results in the order of the tiles. Readers -> ordered queue -> network -> block store -> map workers -> ordered queue -> sink.
/// Every queue is bounded; memory depends on the sizes and thread counts alone. The first exception of any stage stops all of them.
/// </summary>
/// <typeparam name="TResult">The result of one tile.</typeparam>
public sealed class TileWalk<TResult>
    where TResult : class
{
    private readonly WalkLayout layout;
    private readonly WalkOptions options;
    private readonly ITileSource source;
    private readonly ITileNetwork network;
    private readonly ITileMap<TResult> map;
    private readonly TimeProvider clock;
    private readonly ImagePool images = new();
    private readonly OrderedQueue<RgbImage> windows;
    private readonly OrderedQueue<TResult> results;
    private readonly StageClock reading;
    private readonly StageClock predicting;
    private readonly StageClock assembling;
    private readonly StageClock mapping;
    private readonly StageClock writing;
    private readonly Lock gathering = new();
    private int nextBlock = -1;
    private int nextBatch;
    private int nextTile;
    private long pixelsDone;
    private int tilesDone;

    /// <summary>Makes a walk; <see cref="Run"/> runs it once.</summary>
    public TileWalk(WalkLayout layout, WalkOptions options, ITileSource source, ITileNetwork network, ITileMap<TResult> map, TimeProvider? clock = null)
    {
        this.layout = layout;
        this.options = options;
        this.source = source;
        this.network = network;
        this.map = map;
        this.clock = clock ?? TimeProvider.System;
        nextTile = layout.FirstTile - 1;
        tilesDone = layout.FirstTile;
        windows = new OrderedQueue<RgbImage>(0, layout.Blocks.Count, options.Readers + (network.Workers * options.BatchSize));
        results = new OrderedQueue<TResult>(layout.FirstTile, layout.Tiles.Count, (2 * options.Mappers) + 2);
        reading = new StageClock("read", options.Readers, this.clock);
        predicting = new StageClock("network", network.Workers, this.clock);
        assembling = new StageClock("assemble", options.Mappers, this.clock);
        mapping = new StageClock("map", options.Mappers, this.clock);
        writing = new StageClock("write", 1, this.clock);
    }

    /// <summary>Walks. The calling thread is the writer.</summary>
    /// <param name="sink">Takes each tile's result, in the order of the tiles, one at a time.</param>
    /// <param name="progress">Told after every block and tile, from several threads but never at once; null for silence.</param>
    /// <param name="cancellation">Stops the walk; what the sink has taken stays.</param>
    /// <exception cref="OperationCanceledException">The walk was cancelled.</exception>
    public WalkReport Run(Action<WalkTile, TResult> sink, IProgress<WalkProgress>? progress, CancellationToken cancellation)
    {
        long start = clock.GetTimestamp();
        using var store = new BlockStore(layout, network.Channels, options.BlocksInMemory, options.Mappers + 2, options.SpillFolder);
        using var stages = new WalkStages(() =>
        {
            windows.Wake();
            results.Wake();
            store.Wake();
        }, cancellation);

        void Tell()
        {
            if (progress is null)
                return;
            lock (images)
                progress.Report(new WalkProgress(pixelsDone, layout.NetworkPixels, tilesDone, layout.Tiles.Count, clock.GetElapsedTime(start)));
        }

        stages.Add("read", options.Readers, Read);
        stages.Add("network", network.Workers, c => Predict(store, Tell, c));
        stages.Add("map", options.Mappers, c => MapTiles(store, c));
        stages.Run(c => Write(sink, Tell, c));

        double wall = clock.GetElapsedTime(start).TotalSeconds;
        return new WalkReport
        {
            WallSeconds = wall,
            Stages = [reading.Total(wall), predicting.Total(wall), assembling.Total(wall, mapping), mapping.Total(wall, assembling), writing.Total(wall)],
            Tiles = layout.Tiles.Count,
            TilesBefore = layout.FirstTile,
            Blocks = layout.Blocks.Count,
            NetworkPixels = layout.NetworkPixels,
            BlocksSpilled = store.Spilled,
        };
    }

    private void Read(CancellationToken stop)
    {
        for (int index; (index = Interlocked.Increment(ref nextBlock)) < layout.Blocks.Count;)
        {
            windows.WaitForRoom(index, stop);
            var window = layout.Blocks[index].Window;
            using (reading.Work())
            {
                var image = images.Rent(window.Width, window.Height);
                source.Read(window, image);
                windows.Put(index, image);
            }
        }
    }

    private void Predict(BlockStore store, Action tell, CancellationToken stop)
    {
        var maps = new Dictionary<(int, int), List<ByteMaps>>();
        var batch = new List<RgbImage>();
        for (int first; (first = Gather(batch, stop)) < layout.Blocks.Count; batch.Clear())
        {
            var shape = layout.Blocks[first].Window;
            var outputs = Outputs(maps, shape, batch.Count);
            using (predicting.Work(batch.Count))
                network.Predict(batch, outputs);
            for (int i = 0; i < batch.Count; i++)
            {
                store.Add(layout.Blocks[first + i], batch[i], outputs[i], stop);
                images.Return(batch[i]);
                Interlocked.Add(ref pixelsDone, (long)shape.Width * shape.Height);
            }

            tell();
        }
    }

    // A batch holds neighbours in the walk's order of equal shape: what it holds does not depend on timing.
    private int Gather(List<RgbImage> batch, CancellationToken stop)
    {
        lock (gathering)
        {
            int first = nextBatch;
            if (first == layout.Blocks.Count)
                return first;
            var shape = layout.Blocks[first].Window;
            while (batch.Count < options.BatchSize && nextBatch < layout.Blocks.Count
                && layout.Blocks[nextBatch].Window is var next && next.Width == shape.Width && next.Height == shape.Height)
            {
                batch.Add(windows.Take(stop)!);
                nextBatch++;
            }

            return first;
        }
    }

    // One set of maps at a time: shapes vary at the border of the tissue, and old ones must not pile up.
    private List<ByteMaps> Outputs(Dictionary<(int, int), List<ByteMaps>> known, GridRect shape, int count)
    {
        if (!known.TryGetValue((shape.Width, shape.Height), out var outputs))
        {
            known.Clear();
            known.Add((shape.Width, shape.Height), outputs = []);
        }

        while (outputs.Count < count)
            outputs.Add(new ByteMaps(network.Channels, shape.Width, shape.Height));
        return outputs.Count == count ? outputs : outputs[..count];
    }

    private void MapTiles(BlockStore store, CancellationToken stop)
    {
        ByteMaps? maps = null;
        for (int index; (index = Interlocked.Increment(ref nextTile)) < layout.Tiles.Count;)
        {
            results.WaitForRoom(index, stop);
            var tile = layout.Tiles[index];
            foreach (int block in layout.BlocksOf(tile))
                store.Await(block, stop);
            var image = images.Rent(tile.Window.Width, tile.Window.Height);
            if (maps is null || maps.Width != tile.Window.Width || maps.Height != tile.Window.Height)
                maps = new ByteMaps(network.Channels, tile.Window.Width, tile.Window.Height);
            using (assembling.Work())
                store.Assemble(tile, image, maps);
            using (mapping.Work())
                results.Put(index, map.Map(tile, image, maps));
            images.Return(image);
        }
    }

    private void Write(Action<WalkTile, TResult> sink, Action tell, CancellationToken stop)
    {
        for (int index = layout.FirstTile; results.Take(stop) is { } result; index++)
        {
            // Results that are ready already would still flow: whoever cancels wants no more of them.
            stop.ThrowIfCancellationRequested();
            using (writing.Work())
                sink(layout.Tiles[index], result);
            tilesDone = index + 1;
            tell();
        }
    }
}
