using Microtome.Imaging;

namespace Microtome.Learning.Tests;

public sealed class TileWalkTests
{
    private const int Width = 1000, Height = 700;

    private static byte Truth(long x, long y)
    {
        static int At(long x, long y) => x < 0 || y < 0 || x >= Width || y >= Height ? 255 : HashSource.Value(x, y, 1);
        const int r = NeighbourNetwork.Reach;
        return (byte)(At(x - r, y) + (3 * At(x + r, y)) + (5 * At(x, y - r)) + (7 * At(x, y + r)));
    }

    private static (byte[] Maps, byte[] Blue, WalkReport Report) Walk(
        WalkOptions options, HashSource? source = null, NeighbourNetwork? network = null, CoreMap? map = null, IRegionOfInterest? interest = null, int firstTile = 0)
    {
        source ??= new HashSource(Width, Height);
        network ??= new NeighbourNetwork();
        var layout = new WalkLayout(source.Width, source.Height, network.Halo, options, interest, firstTile);
        byte[] maps = new byte[Width * Height], blue = new byte[Width * Height];
        int expected = firstTile;
        var report = new TileWalk<byte[]>(layout, options, source, network, map ?? new CoreMap()).Run(
            (tile, core) =>
            {
                Assert.Equal(expected++, tile.Index);
                for (int y = 0; y < tile.Core.Height; y++)
                {
                    core.AsSpan(y * tile.Core.Width, tile.Core.Width).CopyTo(maps.AsSpan((int)(((tile.Core.Y + y) * Width) + tile.Core.X)));
                    core.AsSpan((tile.Core.Height + y) * tile.Core.Width, tile.Core.Width).CopyTo(blue.AsSpan((int)(((tile.Core.Y + y) * Width) + tile.Core.X)));
                }
            },
            null,
            CancellationToken.None);
        Assert.Equal(layout.Tiles.Count, expected);
        return (maps, blue, report);
    }

    private static void AssertIsTruth(byte[] maps, byte[] blue)
    {
        for (int y = 0; y < Height; y++)
        {
            for (int x = 0; x < Width; x++)
            {
                if (maps[(y * Width) + x] != Truth(x, y) || blue[(y * Width) + x] != HashSource.Value(x, y, 2))
                    Assert.Fail($"Pixel ({x}, {y}) is not what the whole image gives.");
            }
        }
    }

    [Theory]
    [InlineData(64, 0, 0, 256, 1, 1, 1, 20)]
    [InlineData(256, 0, 0, 256, 1, 2, 2, 20)]
    [InlineData(256, 17, 101, 256, 4, 3, 3, 1)]
    [InlineData(512, 0, 0, 192, 3, 2, 1, 2)]
    [InlineData(512, 511, 1, 1536, 2, 2, 2, 3)]
    [InlineData(1024, 0, 0, 512, 1, 1, 3, 1)]
    [InlineData(2048, 1000, 999, 320, 2, 4, 4, 4)]
    public void Run_AnyCutThreadsAndBatch_GivesTheMapsOfTheWholeImage(int tile, int shiftX, int shiftY, int block, int batch, int readers, int mappers, int inMemory)
    {
        var (maps, blue, report) = Walk(new WalkOptions
        {
            TileSize = tile,
            TileShiftX = shiftX,
            TileShiftY = shiftY,
            BlockSize = block,
            BatchSize = batch,
            Readers = readers,
            Mappers = mappers,
            BlocksInMemory = inMemory,
        });
        AssertIsTruth(maps, blue);
        Assert.True(inMemory > 2 || report.BlocksSpilled > 0 || report.Blocks <= 2);
    }

    [Theory]
    [InlineData(2, 1, 20)]
    [InlineData(5, 3, 1)]
    public void Run_SeveralWindowsAtOnce_GivesTheMapsOfTheWholeImage(int workers, int batch, int inMemory)
    {
        using var pause = new ThreadLocal<Random>(() => new Random(Environment.CurrentManagedThreadId));
        var network = new NeighbourNetwork { Workers = workers, BeforePredict = () => Thread.Sleep(pause.Value!.Next(10)) };
        var (maps, blue, report) = Walk(new WalkOptions { TileSize = 200, BlockSize = 192, BatchSize = batch, BlocksInMemory = inMemory }, network: network);
        AssertIsTruth(maps, blue);
        Assert.Equal(report.Blocks, network.Batches.Sum());
        Assert.Equal(workers, report.Stages.Single(s => s.Stage == "network").Threads);
    }

    [Fact]
    public void Run_Times_AddUp()
    {
        var report = Walk(new WalkOptions { TileSize = 256, BlockSize = 256 }).Report;
        foreach (var stage in report.Stages.Where(s => s.Stage is not ("assemble" or "map")))
            Assert.Equal(report.WallSeconds * stage.Threads, stage.BusySeconds + stage.WaitingSeconds, 6);
        var shared = report.Stages.Where(s => s.Stage is "assemble" or "map").ToArray();
        Assert.Equal(report.WallSeconds * shared[0].Threads, shared.Sum(s => s.BusySeconds + s.WaitingSeconds), 6);
        Assert.Equal(report.Blocks, report.Stages.Single(s => s.Stage == "network").Items);
        Assert.Equal(report.Tiles, report.Stages.Single(s => s.Stage == "write").Items);
    }

    [Fact]
    public void Run_FromALaterTile_DoesOnlyTheRest()
    {
        var options = new WalkOptions { TileSize = 256, BlockSize = 256 };
        var (maps, _, report) = Walk(options, firstTile: 9);
        Assert.Equal(9, report.TilesBefore);
        Assert.True(report.Blocks < Walk(options).Report.Blocks);
        Assert.Equal(Truth(Width - 1, Height - 1), maps[^1]);
        Assert.Equal(0, maps[0]);
    }

    [Theory]
    [InlineData("read")]
    [InlineData("network")]
    [InlineData("map")]
    [InlineData("write")]
    public void Run_AStageFails_StopsAllAndThrowsItsException(string stage)
    {
        int calls = 0;
        void Fail(string here)
        {
            if (here == stage && Interlocked.Increment(ref calls) == 3)
                throw new InvalidDataException("broken on purpose");
        }

        var options = new WalkOptions { TileSize = 128, BlockSize = 128, Readers = 3, Mappers = 3 };
        var source = new HashSource(Width, Height) { BeforeRead = _ => Fail("read") };
        var network = new NeighbourNetwork { BeforePredict = () => Fail("network") };
        var walk = new TileWalk<byte[]>(new WalkLayout(Width, Height, 64, options, null), options, source, network, new CoreMap { BeforeMap = _ => Fail("map") });
        var error = Assert.Throws<InvalidDataException>(() => walk.Run((_, _) => Fail("write"), null, CancellationToken.None));
        Assert.Equal("broken on purpose", error.Message);
    }

    [Fact]
    public void Run_Cancelled_ThrowsAndTheSinkHasAPrefix()
    {
        using var stop = new CancellationTokenSource();
        var options = new WalkOptions { TileSize = 128, BlockSize = 128 };
        var walk = new TileWalk<byte[]>(new WalkLayout(Width, Height, 64, options, null), options, new HashSource(Width, Height), new NeighbourNetwork(), new CoreMap());
        var seen = new List<int>();
        Assert.Throws<OperationCanceledException>(() => walk.Run(
            (tile, _) =>
            {
                seen.Add(tile.Index);
                if (tile.Index == 6)
                    stop.Cancel();
            },
            null,
            stop.Token));
        Assert.Equal(Enumerable.Range(0, seen.Count), seen);
        Assert.InRange(seen.Count, 7, 8);
    }

    [Fact]
    public void Run_SlowWriter_ReadersDoNotRunAhead()
    {
        int read = 0, most = 0;
        var options = new WalkOptions { TileSize = 128, BlockSize = 128, Readers = 2, Mappers = 2 };
        var source = new HashSource(Width, Height) { BeforeRead = _ => Interlocked.Increment(ref read) };
        var layout = new WalkLayout(Width, Height, 64, options, null);
        new TileWalk<byte[]>(layout, options, source, new NeighbourNetwork(), new CoreMap()).Run(
            (tile, _) =>
            {
                Thread.Sleep(2);
                // The tiles in flight are bounded by the queues; each waits for blocks at most one lattice row ahead.
                int ahead = Math.Min(layout.Tiles.Count - 1, tile.Index + 12);
                most = Math.Max(most, read - layout.Blocks.Count(b => b.FirstTile <= ahead));
            },
            null,
            CancellationToken.None);
        Assert.True(most <= options.Readers + options.BatchSize + 1, $"{most} blocks too many were read ahead");
    }

    [Fact]
    public void Run_Progress_EndsAtOneAndCarriesRate()
    {
        var reports = new List<WalkProgress>();
        var options = new WalkOptions { TileSize = 256, BlockSize = 256 };
        var walk = new TileWalk<byte[]>(new WalkLayout(Width, Height, 64, options, null), options, new HashSource(Width, Height), new NeighbourNetwork(), new CoreMap());
        walk.Run((_, _) => { }, new Collector(reports), CancellationToken.None);
        Assert.Equal(1, reports[^1].Share);
        Assert.Equal(reports[^1].TotalTiles, reports[^1].Tiles);
        Assert.Equal(reports.Select(r => r.Done).Order(), reports.Select(r => r.Done));
        var half = new WalkProgress(50, 200, 1, 4, TimeSpan.FromSeconds(10));
        Assert.Equal(TimeSpan.FromSeconds(30), half.Remaining);
    }

    private sealed class Collector(List<WalkProgress> reports) : IProgress<WalkProgress>
    {
        public void Report(WalkProgress value) => reports.Add(value);
    }
}
