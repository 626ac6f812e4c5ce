using Microsoft.Win32.SafeHandles;
using Microtome.Imaging;

namespace Microtome.Learning;

/// <summary>
/// Pixels and maps of the blocks that tiles still to come need. A fixed number stays in memory; when it is exceeded, the block that is needed
/// last goes to a temporary file, so that memory does not grow with the width of the slide.
/// </summary>
internal sealed class BlockStore : IDisposable
{
    private readonly object gate = new();
    private readonly WalkLayout layout;
    private readonly int channels;
    private readonly int inMemory;
    private readonly int tilesAhead;
    private readonly string spillFolder;
    private readonly int blockBytes;
    private readonly Dictionary<int, Entry> entries = [];
    private readonly Stack<byte[]> buffers = [];
    private readonly Stack<long> freeSlots = [];
    private SafeFileHandle? spill;
    private long spillEnd;
    private int live;
    private int assembling;
    private readonly HashSet<int> assembled = [];

    public BlockStore(WalkLayout layout, int channels, int inMemory, int tilesAhead, string spillFolder)
    {
        this.layout = layout;
        this.channels = channels;
        this.inMemory = inMemory;
        this.tilesAhead = tilesAhead;
        this.spillFolder = spillFolder;
        assembling = layout.FirstTile;
        int side = layout.Blocks.Count == 0 ? 0 : layout.Blocks.Max(b => b.Area.Width * b.Area.Height);
        blockBytes = checked(side * (3 + channels));
    }

    /// <summary>Blocks that went through the temporary file.</summary>
    public int Spilled { get; private set; }

    /// <summary>Keeps the area of a predicted window. Waits while the network is too far ahead of the tiles.</summary>
    public void Add(WalkBlock block, RgbImage image, ByteMaps maps, CancellationToken cancellation)
    {
        byte[] buffer;
        lock (gate)
        {
            while (block.FirstTile >= assembling + tilesAhead)
                Pause(cancellation);
            if (live >= inMemory)
                Evict();
            live++;
            buffer = buffers.Count > 0 ? buffers.Pop() : GC.AllocateUninitializedArray<byte>(blockBytes);
        }

        int left = (int)(block.Area.X - block.Window.X), top = (int)(block.Area.Y - block.Window.Y);
        int width = block.Area.Width, height = block.Area.Height;
        for (int y = 0; y < height; y++)
        {
            image.Row(top + y).Slice(left * 3, width * 3).CopyTo(buffer.AsSpan(y * width * 3));
            for (int c = 0; c < channels; c++)
                maps.Row(c, top + y).Slice(left, width).CopyTo(buffer.AsSpan((((3 + c) * height) + y) * width));
        }

        lock (gate)
        {
            entries.Add(block.Index, new Entry(block, buffer));
            Monitor.PulseAll(gate);
        }
    }

    /// <summary>Waits until a block is there.</summary>
    public void Await(int block, CancellationToken cancellation)
    {
        lock (gate)
        {
            while (!entries.ContainsKey(block))
                Pause(cancellation);
        }
    }

    /// <summary>Puts a tile's window together; its blocks are there (<see cref="Await"/>).</summary>
    public void Assemble(WalkTile tile, RgbImage image, ByteMaps maps)
    {
        image.Pixels.AsSpan().Fill(255);
        maps.Samples.AsSpan().Clear();
        foreach (int index in layout.BlocksOf(tile))
        {
            Entry entry;
            lock (gate)
            {
                entry = entries[index];
                entry.Users++;
                if (entry.Buffer is null)
                    Load(entry);
            }

            Copy(entry.Block.Area, entry.Buffer!, tile.Window, image, maps);
            lock (gate)
            {
                entry.Users--;
                Monitor.PulseAll(gate);
            }
        }

        lock (gate)
        {
            assembled.Add(tile.Index);
            while (assembled.Remove(assembling))
                assembling++;
            foreach (var done in entries.Values.Where(e => e.Block.LastTile < assembling && e.Users == 0).ToArray())
                Release(done);
            Monitor.PulseAll(gate);
        }
    }

    /// <summary>Wakes everyone who waits; called after a cancellation.</summary>
    public void Wake()
    {
        lock (gate)
            Monitor.PulseAll(gate);
    }

    /// <inheritdoc/>
    public void Dispose() => spill?.Dispose();

    private void Copy(GridRect area, byte[] buffer, GridRect window, RgbImage image, ByteMaps maps)
    {
        int left = (int)Math.Max(area.X, window.X), right = (int)Math.Min(area.X + area.Width, window.X + window.Width);
        long top = Math.Max(area.Y, window.Y), bottom = Math.Min(area.Y + area.Height, window.Y + window.Height);
        int width = right - left;
        if (width <= 0)
            return;
        for (long y = top; y < bottom; y++)
        {
            int from = (int)(((y - area.Y) * area.Width) + (left - area.X)), at = (int)(left - window.X), row = (int)(y - window.Y);
            buffer.AsSpan(from * 3, width * 3).CopyTo(image.Row(row)[(at * 3)..]);
            for (int c = 0; c < channels; c++)
                buffer.AsSpan(((3 + c) * area.Width * area.Height) + from, width).CopyTo(maps.Row(c, row)[at..]);
        }
    }

    private void Release(Entry entry)
    {
        entries.Remove(entry.Block.Index);
        if (entry.Buffer is not null)
        {
            live--;
            Keep(entry.Buffer);
        }

        if (entry.Slot >= 0)
            freeSlots.Push(entry.Slot);
    }

    // The block that is needed furthest in the future goes first. Where all are in use, memory grows by one for a moment.
    private void Evict()
    {
        var victim = entries.Values.Where(e => e.Buffer is not null && e.Users == 0).MaxBy(e => (layout.NextTile(e.Block.Index, assembling), e.Block.Index));
        if (victim is null)
            return;
        if (victim.Slot < 0)
        {
            victim.Slot = freeSlots.Count > 0 ? freeSlots.Pop() : spillEnd++;
            spill ??= OpenSpill();
            RandomAccess.Write(spill, victim.Buffer.AsSpan(0, victim.Bytes(channels)), victim.Slot * blockBytes);
            Spilled++;
        }

        Keep(victim.Buffer!);
        victim.Buffer = null;
        live--;
    }

    private void Load(Entry entry)
    {
        if (live >= inMemory)
            Evict();
        byte[] buffer = buffers.Count > 0 ? buffers.Pop() : GC.AllocateUninitializedArray<byte>(blockBytes);
        var target = buffer.AsSpan(0, entry.Bytes(channels));
        long at = entry.Slot * blockBytes;
        while (target.Length > 0)
        {
            int read = RandomAccess.Read(spill!, target, at);
            if (read == 0)
                throw new EndOfStreamException("The temporary file of the walk was cut short.");
            target = target[read..];
            at += read;
        }

        entry.Buffer = buffer;
        live++;
    }

    private void Keep(byte[] buffer)
    {
        // All are kept: dropped buffers would pile up as garbage until the collector looks at large objects.
        if (buffers.Count < inMemory)
            buffers.Push(buffer);
    }

    private SafeFileHandle OpenSpill()
    {
        Directory.CreateDirectory(spillFolder);
        string path = Path.Combine(spillFolder, $"blocks-{Environment.ProcessId}-{Guid.NewGuid():N}.tmp");
        var handle = File.OpenHandle(path, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.Delete, FileOptions.DeleteOnClose);
        // The name goes at once: nothing stays behind even when the process is killed.
        File.Delete(path);
        return handle;
    }

    private void Pause(CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        Monitor.Wait(gate);
        cancellation.ThrowIfCancellationRequested();
    }

    private sealed class Entry(WalkBlock block, byte[] buffer)
    {
        public WalkBlock Block { get; } = block;

        public byte[]? Buffer { get; set; } = buffer;

        public int Users { get; set; }

        public long Slot { get; set; } = -1;

        public int Bytes(int channels) => Block.Area.Width * Block.Area.Height * (3 + channels);
    }
}
