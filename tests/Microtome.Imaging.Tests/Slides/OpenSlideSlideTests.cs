using System.Security.Cryptography;

namespace Microtome.Imaging.Tests;

public class OpenSlideSlideTests
{
    [Fact]
    public void Open_DemoSlide_GivesTheSizesThatOpenSlideGives()
    {
        using ISlide slide = Slide.Open(Samples.DemoSlide);
        Assert.Equal("aperio", slide.Format);
        Assert.Equal("cmu-1-small-region", slide.Name);
        Assert.Equal(new SlideLevel(2220, 2967, 1), Assert.Single(slide.Levels));
        Assert.Equal(new PixelSize(0.499, 0.499, PixelSizeSource.Vendor), slide.PixelSize);
        Assert.Empty(slide.PixelSizeNotes);
        Assert.Equal(["label", "macro", "thumbnail"], ((IAssociatedImages)slide).AssociatedImages.Order());
    }

    // SHA-256 of the RGB bytes on white, recorded from openslide-write-png and python3-openslide 3.4.1; Data/README.md says how.
    [Theory]
    [InlineData(0, 0, 256, 256, "4c4dcb47a1c6b0427b4ce2ed610be102fcaf39ef72eedfb4780ffb96bc479ec5")]
    [InlineData(1003, 1511, 377, 211, "9d5faade4d1fbe707e6aa2c2b323657bbc2b6aed4ca8d370f840c800ca512e49")]
    [InlineData(239, 241, 7, 5, "82d7f655a429f3a99ea5d0a93db11804f2026e4884090f2bb8b725cffed204cb")]
    [InlineData(2100, 2900, 120, 67, "ad24ec783d1a0deafee2c2b9d0869a3d7581fcc43786dc718ee503ee3e4586e4")]
    [InlineData(0, 0, 2220, 2967, "0f88f63efc00700c336792997f8c49b0029795cf461d311343296682fac152bf")]
    [InlineData(-30, -20, 64, 64, "9d808daca585f8ddc6baff7b536a535c4cd78bcba6aaad0155620de3fcc273d6")]
    [InlineData(2200, 2950, 50, 40, "395cf902236a3cad5eae0c36da43b93b9d2388580ccec6171696eb52fb957370")]
    public void ReadRegion_DemoSlide_EqualsOpenSlidesOwnTool(long x, long y, int width, int height, string expected)
    {
        using ISlide slide = Slide.Open(Samples.DemoSlide);
        RgbImage image = slide.ReadRegion(new LevelRect(0, x, y, width, height));
        Assert.Equal(expected, Convert.ToHexStringLower(SHA256.HashData(image.Pixels)));
    }

    // The same for a Hamamatsu slide of seven levels.
    [Theory]
    [InlineData(0, 1111, 2003, 300, 200, "b10c1295cdb5046e9c5733e70121e167070a8168463c3bca298989d5a69d1701")]
    [InlineData(2, 301, 407, 256, 256, "6577a944e44f3a94d005bfeb24fcb92a36b5af48e20fffb7968da82523e24fe8")]
    [InlineData(4, 0, 0, 248, 304, "3f6d00a7f66f11b74697ee0f43f7d3be90d83c9f750c68b9daf757ecdd3317b1")]
    [InlineData(6, 10, 20, 64, 64, "c7b783b7939c82d502accd4c65dd81a7059d67864c6500a229fcdddda1c1ce2b")]
    public void ReadRegion_LevelsOfARealPyramid_EqualOpenSlidesOwn(int level, long x, long y, int width, int height, string expected)
    {
        using ISlide slide = Slide.Open(Samples.Data("dapi.ndpi"));
        Assert.Equal("hamamatsu", slide.Format);
        Assert.Equal([1, 2, 4, 8, 16, 32, 64], slide.Levels.Select(l => l.Downsample));
        Assert.Equal(0.2282, slide.RequirePixelSize().X, 4);
        RgbImage image = slide.ReadRegion(new LevelRect(level, x, y, width, height));
        Assert.Equal(expected, Convert.ToHexStringLower(SHA256.HashData(image.Pixels)));
    }

    [Theory]
    [InlineData(-5000, 10)]
    [InlineData(10, 2967)]
    [InlineData(2220, 0)]
    [InlineData(long.MaxValue - 3, 0)]
    [InlineData(long.MinValue, long.MinValue)]
    public void ReadRegion_WhollyOutside_IsWhite(long x, long y)
    {
        using ISlide slide = Slide.Open(Samples.DemoSlide);
        RgbImage image = slide.ReadRegion(new LevelRect(0, x, y, 31, 17));
        Assert.All(image.Pixels, sample => Assert.Equal(255, sample));
    }

    [Fact]
    public void ReadRegion_PartlyOutside_KeepsTheInsideInItsPlace()
    {
        using ISlide slide = Slide.Open(Samples.DemoSlide);
        RgbImage inside = slide.ReadRegion(new LevelRect(0, 0, 0, 40, 30));
        RgbImage over = slide.ReadRegion(new LevelRect(0, -7, -11, 47, 41));
        for (int y = 0; y < 41; y++)
        {
            for (int x = 0; x < 47; x++)
            {
                byte[] expected = x < 7 || y < 11 ? [255, 255, 255] : inside.Row(y - 11).Slice((x - 7) * 3, 3).ToArray();
                Assert.Equal(expected, over.Row(y).Slice(x * 3, 3).ToArray());
            }
        }
    }

    [Fact]
    public void ReadRegion_LevelThatDoesNotExist_NamesTheLevels()
    {
        using ISlide slide = Slide.Open(Samples.DemoSlide);
        var e = Assert.Throws<ArgumentOutOfRangeException>(() => slide.ReadRegion(new LevelRect(1, 0, 0, 8, 8)));
        Assert.Contains("0 to 0", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void ReadRegion_ByManyThreads_EqualsSerialReads()
    {
        using ISlide slide = Slide.Open(Samples.DemoSlide);
        var random = new Random(11);
        LevelRect[] regions = [.. Enumerable.Range(0, 200).Select(_ => new LevelRect(0, random.Next(-50, 2220), random.Next(-50, 2967), random.Next(1, 300), random.Next(1, 300)))];
        byte[][] serial = [.. regions.Select(r => SHA256.HashData(slide.ReadRegion(r).Pixels))];
        byte[][] parallel = new byte[regions.Length][];
        Parallel.For(0, regions.Length, new ParallelOptions { MaxDegreeOfParallelism = 8 }, i => parallel[i] = SHA256.HashData(slide.ReadRegion(regions[i]).Pixels));
        Assert.Equal(serial, parallel);
    }

    [Fact]
    public void ReadAssociatedImage_Label_HasItsSize()
    {
        using ISlide slide = Slide.Open(Samples.DemoSlide);
        RgbImage label = ((IAssociatedImages)slide).ReadAssociatedImage("label");
        Assert.Equal((387, 463), (label.Width, label.Height));
        var e = Assert.Throws<SlideException>(() => ((IAssociatedImages)slide).ReadAssociatedImage("barcode"));
        Assert.Contains("macro", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void ReadRegion_AfterDispose_Throws()
    {
        ISlide slide = Slide.Open(Samples.DemoSlide);
        slide.Dispose();
        slide.Dispose();
        Assert.Throws<ObjectDisposedException>(() => slide.ReadRegion(new LevelRect(0, 0, 0, 8, 8)));
    }

    [Fact]
    public void Open_PyramidOfOddSizes_HasWholeDownsamplesAndReadsTheSameInAnyTiles()
    {
        using var folder = new TemporaryFolder();
        using (ISlide demo = Slide.Open(Samples.DemoSlide))
            PyramidWriter.WriteTiff(demo, folder["odd.tif"], new PyramidOptions { Compression = TiffCompression.Deflate });
        using ISlide slide = Slide.Open(folder["odd.tif"]);
        // The fifth level is 138 pixels wide, less than a tile, and left out.
        Assert.Equal([1, 2, 4, 8], slide.Levels.Select(l => l.Downsample));
        var whole = new LevelRect(1, 0, 0, (int)slide.Levels[1].Width, (int)slide.Levels[1].Height);
        RgbImage image = slide.ReadRegion(whole);
        var random = new Random(5);
        for (int i = 0; i < 20; i++)
        {
            var part = new LevelRect(1, random.Next(0, 900), random.Next(0, 1200), random.Next(1, 200), random.Next(1, 200));
            RgbImage read = slide.ReadRegion(part);
            for (int y = 0; y < part.Height; y++)
                Assert.True(read.Row(y).SequenceEqual(image.Row((int)part.Y + y).Slice((int)part.X * 3, part.Width * 3)));
        }
    }

    // OpenSlide 3 with a patched libtiff reads these as random memory; libvips reads them right.
    [Theory]
    [InlineData(300, 100)]
    [InlineData(100, 600)]
    [InlineData(250, 250)]
    [InlineData(257, 255)]
    [InlineData(600, 300)]
    public void ReadRegion_TiffLevelsSmallerThanATile_AreReadRight(int width, int height)
    {
        using var folder = new TemporaryFolder();
        using var source = new MemorySlide(Patterns.Noise(width, height, 8));
        PyramidWriter.WriteTiff(source, folder["a.tif"], new PyramidOptions { Compression = TiffCompression.Deflate });
        using ISlide slide = Slide.Open(folder["a.tif"]);
        foreach (SlideLevel level in slide.Levels)
            Assert.Equal(Math.Round(width / (double)level.Width), level.Downsample);
        Assert.Equal(source.ReadRegion(new LevelRect(0, 0, 0, width, height)).Pixels, slide.ReadRegion(new LevelRect(0, 0, 0, width, height)).Pixels);
        for (int i = 1; i < slide.Levels.Count; i++)
        {
            // The middle of a halved level is the mean of four.
            RgbImage half = slide.ReadRegion(new LevelRect(i, 0, 0, (int)slide.Levels[i].Width, (int)slide.Levels[i].Height));
            RgbImage expected = source.ReadGrid(new AnalysisGrid(1 << i, 1 << i), new GridRect(0, 0, half.Width, half.Height));
            Assert.InRange(expected.Pixels.Zip(half.Pixels, (a, b) => Math.Abs(a - b)).Max(), 0, i + 1);
        }
    }
}
