using Microtome.Imaging;

namespace Microtome.Learning.Tests;

public sealed class WalkLayoutTests
{
    [Theory]
    [InlineData(1000, 700, 256, 0, 0)]
    [InlineData(1000, 700, 256, 255, 3)]
    [InlineData(1, 1, 64, 0, 0)]
    [InlineData(2048, 2048, 512, 100, 100)]
    public void Tiles_CoverTheGridOnce(int width, int height, int tile, int shiftX, int shiftY)
    {
        var layout = new WalkLayout(width, height, 64, new WalkOptions { TileSize = tile, TileShiftX = shiftX, TileShiftY = shiftY }, null);
        var covered = new int[width, height];
        foreach (var core in layout.Tiles.Select(t => t.Core))
        {
            for (long y = core.Y; y < core.Y + core.Height; y++)
            {
                for (long x = core.X; x < core.X + core.Width; x++)
                    covered[x, y]++;
            }
        }

        Assert.All(covered.Cast<int>(), n => Assert.Equal(1, n));
    }

    [Fact]
    public void Blocks_DoNotDependOnTheTiles()
    {
        var interest = new Disc(1500, 1200, 600);
        static HashSet<GridRect> Windows(IRegionOfInterest interest, int tile, int shift) =>
            [.. new WalkLayout(3000, 3000, 64, new WalkOptions { TileSize = tile, TileShiftX = shift, TileShiftY = shift, BlockSize = 512 }, interest).Blocks.Select(b => b.Window)];
        var truth = Windows(interest, 1024, 0);
        Assert.True(truth.SetEquals(Windows(interest, 2048, 0)));
        Assert.True(truth.SetEquals(Windows(interest, 512, 77)));
        Assert.True(truth.SetEquals(Windows(interest, 256, 13)));
    }

    [Fact]
    public void Tiles_OutsideTheInterest_AreSkipped()
    {
        var interest = new Disc(1500, 1200, 300);
        var layout = new WalkLayout(3000, 3000, 64, new WalkOptions { TileSize = 256, BlockSize = 256 }, interest);
        Assert.All(layout.Tiles, t => Assert.NotNull(interest.Bounds(t.Core)));
        Assert.InRange(layout.Tiles.Count, 9, 16);
        Assert.Empty(new WalkLayout(3000, 3000, 64, new WalkOptions(), new Disc(-5000, 0, 10)).Tiles);
    }

    [Fact]
    public void Windows_AreMultiplesOf32()
    {
        var layout = new WalkLayout(3001, 2999, 33, new WalkOptions { TileSize = 300, BlockSize = 512 }, new Disc(1500, 1200, 700));
        Assert.All(layout.Blocks, b => Assert.All(new[] { b.Window.X, b.Window.Y, b.Window.Width, b.Window.Height }, v => Assert.Equal(0, v % WalkLayout.Snap)));
        Assert.Equal(64, layout.NetworkHalo);
    }

    [Fact]
    public void Options_OutOfRange_AreAllListed()
    {
        var error = Assert.Throws<ArgumentException>(() => new WalkOptions { TileSize = 3, Readers = 0, BlockSize = 100 }.Check());
        Assert.Contains("TileSize 3", error.Message, StringComparison.Ordinal);
        Assert.Contains("Readers 0", error.Message, StringComparison.Ordinal);
        Assert.Contains("BlockSize 100", error.Message, StringComparison.Ordinal);
    }

    /// <summary>A disc of tissue; its bounds inside a rectangle by brute force over a coarse raster.</summary>
    private sealed class Disc(int centreX, int centreY, int radius) : IRegionOfInterest
    {
        public GridRect? Bounds(GridRect area)
        {
            long left = long.MaxValue, top = long.MaxValue, right = long.MinValue, bottom = long.MinValue;
            for (long y = Math.Max(area.Y, centreY - radius); y < Math.Min(area.Y + area.Height, centreY + radius); y++)
            {
                long half = (long)Math.Sqrt(((long)radius * radius) - ((y - centreY) * (y - centreY)));
                long l = Math.Max(area.X, centreX - half), r = Math.Min(area.X + area.Width, centreX + half);
                if (l >= r)
                    continue;
                (left, right, top, bottom) = (Math.Min(left, l), Math.Max(right, r), Math.Min(top, y), Math.Max(bottom, y + 1));
            }

            return left < right ? new GridRect(left, top, (int)(right - left), (int)(bottom - top)) : null;
        }
    }
}
