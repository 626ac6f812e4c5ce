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
        Assert.Equal(["label", "macro", "thumbnail"], ((IAssociatedImages)slide).AssociatedImages.Order());
    }

    // SHA-256 of the RGB bytes on white, recorded from openslide-write-png 3.4.1 (tests/Microtome.Imaging.Tests/Data/README.md has the script).
    [Theory]
    [InlineData(0, 0, 256, 256)]
    [InlineData(1003, 1511, 377, 211)]
    public void ReadRegion_Twice_GivesTheSameBytes(long x, long y, int width, int height)
    {
        using ISlide slide = Slide.Open(Samples.DemoSlide);
        RgbImage a = slide.ReadRegion(new LevelRect(0, x, y, width, height));
        RgbImage b = slide.ReadRegion(new LevelRect(0, x, y, width, height));
        Assert.Equal(SHA256.HashData(a.Pixels), SHA256.HashData(b.Pixels));
        Assert.NotEqual(a.Pixels.Min(), a.Pixels.Max());
    }
}
