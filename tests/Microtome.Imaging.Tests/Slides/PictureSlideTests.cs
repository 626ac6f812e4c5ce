using System.Security.Cryptography;

namespace Microtome.Imaging.Tests;

public class PictureSlideTests
{
    // SHA-256 of the RGB bytes that Pillow stored in these files without loss (Data/README.md).
    private const string Waves = "d50ac00a21551212fe0dcc7b094edd27334beca6d6286164ef554b3fd5b0efcf";

    private static readonly double[] s_omeMean = [146.944, 126.091, 180.376];

    [Theory]
    [InlineData("waves.webp", "webp")]
    [InlineData("waves.jp2", "jp2k")]
    [InlineData("waves-16bit.png", "png")]
    public void Open_PictureWithoutLoss_GivesThePixelsThatWereStored(string name, string format)
    {
        using ISlide slide = Slide.Open(Samples.Data(name));
        Assert.Equal(format, slide.Format);
        Assert.Equal(new SlideLevel(120, 90, 1), Assert.Single(slide.Levels));
        Assert.Null(slide.PixelSize);
        RgbImage image = slide.ReadRegion(new LevelRect(0, 0, 0, 120, 90));
        Assert.Equal(Waves, Convert.ToHexStringLower(SHA256.HashData(image.Pixels)));
    }

    [Fact]
    public void Open_PictureWithAlpha_LaysItOnWhite()
    {
        RgbImage opaque = ImageFile.ReadRgb(Samples.Data("waves.webp"));
        RgbImage image = ImageFile.ReadRgb(Samples.Data("waves-alpha.png"));
        for (int i = 0; i < image.Pixels.Length; i++)
        {
            int alpha = i / 3 % 120 * 255 / 119;
            double expected = ((opaque.Pixels[i] * alpha) + (255 * (255 - alpha))) / 255.0;
            Assert.InRange(image.Pixels[i], expected - 1, expected + 1);
        }
    }

    [Fact]
    public void Open_OmeTiff_IsReadWithItsPixelSize()
    {
        using ISlide slide = Slide.Open(Samples.Data("OS-1-detail.ome.tif"));
        Assert.Equal("OS-1-detail", slide.Name);
        Assert.Equal((1101L, 1101L), (slide.Levels[0].Width, slide.Levels[0].Height));
        Assert.Equal(0.2271, slide.RequirePixelSize().X, 3);

        // The JPEG streams hold YCbCr though the TIFF says RGB. Mean colours of the first 512 x 512 pixels: Pillow's of the first tile taken out of the file (Data/README.md).
        RgbImage tile = slide.ReadRegion(new LevelRect(0, 0, 0, 512, 512));
        for (int c = 0; c < 3; c++)
            Assert.Equal(s_omeMean[c], tile.Pixels.Where((_, i) => i % 3 == c).Average(v => v), 0.6);
        Assert.Equal(tile.Row(0)[..900], ImageFile.ReadRgb(Samples.Data("OS-1-detail.ome.tif")).Row(0)[..900]);
    }

    [Fact]
    public void Open_BrokenSlide_ListsTheReaders()
    {
        var e = Assert.Throws<SlideException>(() => Slide.Open(Samples.Data("broken.svs")));
        Assert.Contains("OpenSlide: ", e.Message, StringComparison.Ordinal);
        Assert.Contains("libvips: ", e.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("labels-8bit.png")]
    [InlineData("labels-palette.png")]
    public void Labels_OfEightBitsOrPalette_AreTheIndices(string name)
    {
        Raster<int> labels = LabelImage.Read(Samples.Data(name));
        for (int y = 0; y < 90; y++)
        {
            for (int x = 0; x < 120; x++)
                Assert.Equal((x / 30) + (4 * (y / 30)), labels[x, y]);
        }
    }

    [Fact]
    public void ReadRegion_ByManyThreads_EqualsSerialReads()
    {
        using ISlide slide = Slide.Open(Samples.Data("OS-1-detail.ome.tif"));
        LevelRect[] regions = [.. Enumerable.Range(0, 60).Select(i => new LevelRect(0, (i * 97 % 1200) - 50, (i * 61 % 1200) - 50, 130, 90))];
        byte[][] serial = [.. regions.Select(r => slide.ReadRegion(r).Pixels)];
        byte[][] parallel = new byte[regions.Length][];
        Parallel.For(0, regions.Length, new ParallelOptions { MaxDegreeOfParallelism = 8 }, i => parallel[i] = slide.ReadRegion(regions[i]).Pixels);
        Assert.Equal(serial, parallel);
    }
}
