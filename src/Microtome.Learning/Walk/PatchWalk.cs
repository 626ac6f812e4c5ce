using Microtome.Imaging;

namespace Microtome.Learning;

/// <summary>
/// The walk of patch classifiers: readers cut and resize patches block by block, workers classify them, the calling thread takes the answers in the order of the blocks. Queues
/// are bounded; the first exception of any stage stops all. What a network is asked at once are patches of one block in their order, whatever the threads do.
/// </summary>
public sealed class PatchWalk
{
    private readonly PatchGrid grid;
    private readonly ISlide slide;
    private readonly IPatchNetwork network;
    private readonly int readers;
    private readonly int batchSize;
    private readonly int firstBlock;
    private readonly TimeProvider clock;
    private readonly OrderedQueue<RgbImage[]> inputs;
    private readonly OrderedQueue<float[]> answers;
    private readonly StageClock reading, predicting, writing;
    private readonly Lock gathering = new();
    private int nextRead, nextPredicted;
    private Questions? open;

    /// <summary>Makes a walk; <see cref="Run"/> runs it once.</summary>
    /// <param name="grid">The patches.</param>
    /// <param name="slide">What is read; stays the caller's.</param>
    /// <param name="network">The classifier; stays the caller's.</param>
    /// <param name="readers">Threads that read.</param>
    /// <param name="batchSize">Patches per call of the network, at most.</param>
    /// <param name="firstBlock">The block to begin with: those before it were done by an earlier run.</param>
    /// <param name="clock">For timings; the system's by default.</param>
    public PatchWalk(PatchGrid grid, ISlide slide, IPatchNetwork network, int readers, int batchSize, int firstBlock = 0, TimeProvider? clock = null)
    {
        (this.grid, this.slide, this.network, this.readers, this.batchSize, this.firstBlock) = (grid, slide, network, readers, batchSize, firstBlock);
        this.clock = clock ?? TimeProvider.System;
        nextRead = nextPredicted = firstBlock;
        inputs = new OrderedQueue<RgbImage[]>(firstBlock, grid.Blocks.Count, readers + network.Workers);
        answers = new OrderedQueue<float[]>(firstBlock, grid.Blocks.Count, (2 * network.Workers) + 2);
        reading = new StageClock("read", readers, this.clock);
        predicting = new StageClock("network", network.Workers, this.clock);
        writing = new StageClock("write", 1, this.clock);
    }

    /// <summary>Walks. The calling thread is the writer.</summary>
    /// <param name="sink">Takes each block with its probabilities, shape [patches of the block, classes], in the order of the blocks.</param>
    /// <param name="progress">Told after every block, never by two threads at once; null for silence.</param>
    /// <param name="cancellation">Stops the walk; what the sink has taken stays.</param>
    /// <exception cref="OperationCanceledException">The walk was cancelled.</exception>
    public WalkReport Run(Action<PatchBlock, float[]> sink, IProgress<WalkProgress>? progress, CancellationToken cancellation)
    {
        long start = clock.GetTimestamp(), patchPixels = (long)grid.PatchWidth * grid.PatchHeight;
        using var stages = new WalkStages(() =>
        {
            inputs.Wake();
            answers.Wake();
        }, cancellation);
        stages.Add("read", readers, Read);
        stages.Add("network", network.Workers, Predict);
        stages.Run(token =>
        {
            long done = 0, all = grid.Blocks.Skip(firstBlock).Sum(b => b.Patches.Count) * patchPixels;
            for (int index = firstBlock; answers.Take(token) is { } result; index++)
            {
                token.ThrowIfCancellationRequested();
                using (writing.Work())
                    sink(grid.Blocks[index], result);
                done += grid.Blocks[index].Patches.Count * patchPixels;
                progress?.Report(new WalkProgress(done, all, index + 1, grid.Blocks.Count, clock.GetElapsedTime(start)));
            }
        });

        double wall = clock.GetElapsedTime(start).TotalSeconds;
        int patches = grid.Blocks.Skip(firstBlock).Sum(b => b.Patches.Count);
        return new WalkReport
        {
            WallSeconds = wall,
            Stages = [reading.Total(wall), predicting.Total(wall), writing.Total(wall)],
            Tiles = grid.Blocks.Count,
            TilesBefore = firstBlock,
            Blocks = patches,
            NetworkPixels = (long)patches * network.InputWidth * network.InputHeight,
            BlocksSpilled = 0,
        };
    }

    private void Read(CancellationToken stop)
    {
        var patch = new RgbImage(grid.PatchWidth, grid.PatchHeight);
        RgbImage? area = null;
        for (int index; (index = Interlocked.Increment(ref nextRead) - 1) < grid.Blocks.Count;)
        {
            inputs.WaitForRoom(index, stop);
            var block = grid.Blocks[index];
            var prepared = new RgbImage[block.Patches.Count];
            using (reading.Work(prepared.Length))
            {
                if (area is null || area.Width != block.Area.Width || area.Height != block.Area.Height)
                    area = new RgbImage(block.Area.Width, block.Area.Height);
                slide.ReadRegion(block.Area, area);
                for (int i = 0; i < prepared.Length; i++)
                {
                    var place = grid.Patches[block.Patches[i]];
                    int left = (int)((long)place.X - block.Area.X), top = (int)((long)place.Y - block.Area.Y);
                    for (int y = 0; y < patch.Height; y++)
                        area.Row(top + y).Slice(3 * left, 3 * patch.Width).CopyTo(patch.Row(y));
                    prepared[i] = new RgbImage(network.InputWidth, network.InputHeight);
                    network.Prepare(patch, prepared[i]);
                }
            }

            inputs.Put(index, prepared);
        }
    }

    private void Predict(CancellationToken stop)
    {
        int classes = network.Classes.Count;
        while (true)
        {
            Questions? block;
            int first;
            lock (gathering)
            {
                if (open is null || open.Asked == open.Pictures.Length)
                    open = inputs.Take(stop) is { } pictures ? new Questions(nextPredicted++, pictures, classes) : null;
                if (open is null)
                    return;
                block = open;
                first = block.Asked;
                block.Asked = Math.Min(block.Pictures.Length, first + batchSize);
            }

            answers.WaitForRoom(block.Index, stop);
            int count = Math.Min(batchSize, block.Pictures.Length - first);
            using (predicting.Work(count))
                network.Predict(new ArraySegment<RgbImage>(block.Pictures, first, count), block.Answers.AsSpan(first * classes, count * classes));
            stop.ThrowIfCancellationRequested();
            if (block.Answered(count))
                answers.Put(block.Index, block.Answers);
        }
    }

    // A block in front of the network. Workers share it batch by batch: a small slide has few blocks, and no worker shall wait for another's.
    private sealed class Questions(int index, RgbImage[] pictures, int classes)
    {
        private int left = pictures.Length;

        public int Index => index;

        public RgbImage[] Pictures => pictures;

        public float[] Answers { get; } = new float[pictures.Length * classes];

        // Guarded by the gathering lock.
        public int Asked { get; set; }

        // True for the last of its batches.
        public bool Answered(int count) => Interlocked.Add(ref left, -count) == 0;
    }
}
