using Microtome.Imaging;
using Microtome.Learning.Supervision.Thresholds;

namespace Microtome.Learning.Tests.Supervision.Thresholds;

public class MapGridTests
{
    [Theory]
    [InlineData(0.25, 200)]
    [InlineData(0.5, 100)]
    [InlineData(0.2325, 215)]
    [InlineData(0.2273, 219.9)]
    [InlineData(0.3, 166.6)]
    public void PublishedStep_ByPixelSize_IsCutToATenth(double mpp, double expected) => Assert.Equal(expected, MapGrid.PublishedStep(mpp), 1e-9);

    [Fact]
    public void SuperPatch_BeginsOnePatchBefore_AndIsThreeWide()
    {
        var grid = MapGrid.Published(new PixelSize(0.25, 0.25, PixelSizeSource.User));
        Assert.Equal(new Level0Rect(1 + (200 * 4), 1 + (200 * 9), 600, 600), grid.SuperPatch(5, 10));
        Assert.Equal(new Level0Rect(-199, 1, 600, 600), grid.SuperPatch(0, 1));
    }

    [Fact]
    public void SuperPatch_WithTheOriginAtZero_LiesOnePixelBefore()
    {
        var size = new PixelSize(0.25, 0.25, PixelSizeSource.User);
        var (published, newer) = (MapGrid.Published(size).SuperPatch(3, 3), MapGrid.Published(size, 0).SuperPatch(3, 3));
        Assert.Equal((published.X - 1, published.Y - 1, published.Width), (newer.X, newer.Y, newer.Width));
    }

    [Fact]
    public void SuperPatch_OfStepsThatAreNotWhole_IsRoundedOnce()
    {
        // 1000 patches of 219.9 px: a rounded step would be off by 100 px there.
        var grid = MapGrid.Published(new PixelSize(0.2273, 0.2273, PixelSizeSource.User));
        Assert.Equal((long)Math.Round(1 + (219.9 * 999)), grid.SuperPatch(1000, 0).X);
        Assert.Equal(660, grid.SuperPatch(1000, 0).Width);
    }
}
