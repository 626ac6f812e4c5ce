namespace Microtome.Imaging.Tests;

public class PyramidWriterTests
{
    [Fact]
    public void WriteTiff_SyntheticSlide_OpensInOpenSlideWithTheSamePixels()
    {
        using var folder = new TemporaryFolder();
        using SyntheticSlide source = SyntheticSlide.Parse("synthetic:1500x1100?mpp=0.2499");
        PyramidWriter.WriteTiff(source, folder["a.tif"], new PyramidOptions { Compression = TiffCompression.Deflate });
        using ISlide slide = Slide.Open(folder["a.tif"]);
        Assert.Equal("generic-tiff", slide.Format);
        Assert.Equal([1, 2, 4], slide.Levels.Select(l => l.Downsample));
        Assert.Equal(0.2499, slide.RequirePixelSize().X, 6);
        var all = new LevelRect(0, 0, 0, 1500, 1100);
        Assert.Equal(source.ReadRegion(all).Pixels, slide.ReadRegion(all).Pixels);

        // A halved level is the mean of 2 x 2 pixels, rounded.
        RgbImage full = source.ReadRegion(all);
        RgbImage half = slide.ReadRegion(new LevelRect(1, 0, 0, 750, 550));
        for (int y = 0; y < 550; y++)
        {
            for (int x = 0; x < 750; x++)
            {
                int sum = full.Row(2 * y)[x * 6] + full.Row(2 * y)[(x * 6) + 3] + full.Row((2 * y) + 1)[x * 6] + full.Row((2 * y) + 1)[(x * 6) + 3];
                Assert.InRange(half.Row(y)[x * 3], (sum / 4.0) - 1, (sum / 4.0) + 1);
            }
        }
    }

    [Fact]
    public void WriteTiff_RegionOverTheEdge_IsWhiteOutside()
    {
        using var folder = new TemporaryFolder();
        using var source = new MemorySlide(Patterns.Noise(300, 200, 8));
        PyramidWriter.WriteTiff(source, folder["a.tif"], new PyramidOptions { Compression = TiffCompression.Deflate, Region = new Level0Rect(-40, 150, 300, 100) });
        using ISlide slide = Slide.Open(folder["a.tif"]);
        Assert.Equal((300L, 100L), (slide.Levels[0].Width, slide.Levels[0].Height));
        Assert.Equal(source.ReadRegion(new LevelRect(0, -40, 150, 300, 100)).Pixels, slide.ReadRegion(new LevelRect(0, 0, 0, 300, 100)).Pixels);
    }

    [Fact]
    public void WriteTiff_SlideWithProfile_KeepsIt()
    {
        using var folder = new TemporaryFolder();
        using var source = new MemorySlide(Patterns.Noise(300, 300, 8)) { IccProfile = File.ReadAllBytes(Samples.Data("srgb.icc")) };
        PyramidWriter.WriteTiff(source, folder["a.tif"]);
        using ISlide slide = Slide.Open(folder["a.tif"]);
        Assert.Equal(source.IccProfile, ((IColourProfile)slide).IccProfile);
    }

    [Fact]
    public void WriteTiff_SourceThatFails_SaysWhyAndLeavesNothing()
    {
        using var folder = new TemporaryFolder();
        using var source = new MemorySlide(Patterns.Noise(900, 900, 8)) { FailAt = r => r.Y > 400 ? new SlideException("row 401 is gone") : null };
        var e = Assert.Throws<SlideException>(() => PyramidWriter.WriteTiff(source, folder["a.tif"]));
        Assert.Contains("row 401 is gone", e.Message, StringComparison.Ordinal);
        Assert.Throws<SlideException>(() => PyramidWriter.WriteDeepZoom(source, folder["a"]));
        Assert.Empty(Directory.GetFileSystemEntries(folder.Path));
    }

    [Fact]
    public void Write_Cancelled_LeavesNothing()
    {
        using var folder = new TemporaryFolder();
        using var cancellation = new CancellationTokenSource();
        using var source = new MemorySlide(Patterns.Noise(900, 900, 8))
        {
            FailAt = r =>
            {
                cancellation.Cancel();
                return null;
            },
        };
        Assert.ThrowsAny<OperationCanceledException>(() => PyramidWriter.WriteTiff(source, folder["a.tif"], null, cancellation.Token));
        Assert.ThrowsAny<OperationCanceledException>(() => PyramidWriter.WriteDeepZoom(source, folder["a"], null, cancellation.Token));
        Assert.Empty(Directory.GetFileSystemEntries(folder.Path));
    }

    [Fact]
    public void WriteDeepZoom_Slide_HasEveryTileOfEveryLevel()
    {
        using var folder = new TemporaryFolder();
        using var source = new MemorySlide(Patterns.Waves(700, 450));
        string path = PyramidWriter.WriteDeepZoom(source, folder["a.dzi"], new PyramidOptions { Tile = 254, Overlap = 1, Quality = 95 });
        Assert.Equal(folder["a.dzi"], path);
        Assert.Contains("TileSize=\"254\"", File.ReadAllText(path), StringComparison.Ordinal);
        Assert.Equal(["a.dzi", "a_files"], Directory.GetFileSystemEntries(folder.Path).Select(Path.GetFileName).Order());

        // Level 10 is 700 x 450, level 0 is one pixel.
        for (int level = 0; level <= 10; level++)
        {
            int width = (int)Math.Ceiling(700 / Math.Pow(2, 10 - level));
            int height = (int)Math.Ceiling(450 / Math.Pow(2, 10 - level));
            int columns = (width + 253) / 254;
            int rows = (height + 253) / 254;
            Assert.Equal(columns * rows, Directory.GetFiles(folder[$"a_files/{level}"]).Length);
        }

        // Tile (1, 0) begins one pixel of overlap before column 254.
        RgbImage tile = ImageFile.ReadRgb(folder["a_files/10/1_0.jpg"]);
        RgbImage expected = source.ReadRegion(new LevelRect(0, 253, 0, tile.Width, tile.Height));
        Assert.Equal((256, 255), (tile.Width, tile.Height));
        Assert.InRange(expected.Pixels.Zip(tile.Pixels, (a, b) => Math.Abs(a - b)).Average(), 0, 2);
    }

    [Fact]
    public void WriteDeepZoom_OverAnOldOne_ReplacesIt()
    {
        using var folder = new TemporaryFolder();
        using var large = new MemorySlide(Patterns.Waves(700, 450));
        using var small = new MemorySlide(Patterns.Waves(100, 50));
        PyramidWriter.WriteDeepZoom(large, folder["a"]);
        PyramidWriter.WriteDeepZoom(small, folder["a"]);
        Assert.Contains("Width=\"100\"", File.ReadAllText(folder["a.dzi"]), StringComparison.Ordinal);
        Assert.Equal(8, Directory.GetDirectories(folder["a_files"]).Length);
        Assert.Equal(2, Directory.GetFileSystemEntries(folder.Path).Length);
    }

    [Theory]
    [InlineData(100, 90)]
    [InlineData(256, 0)]
    [InlineData(8, 90)]
    public void WriteTiff_OptionsThatCannotBe_AreRefused(int tile, int quality)
    {
        using var source = new MemorySlide(Patterns.Waves(100, 50));
        Assert.Throws<UsageException>(() => PyramidWriter.WriteTiff(source, "/nowhere/a.tif", new PyramidOptions { Tile = tile, Quality = quality }));
    }
}
