namespace Microtome.Imaging.Tests;

public class AnalysisGridTests
{
    [Theory]
    [InlineData(0.25, 0.25, 1)]
    [InlineData(0.2425, 0.25, 1)]
    [InlineData(0.2499, 0.25, 1)]
    [InlineData(0.2, 0.25, 1)]
    [InlineData(0.3125, 0.25, 1)]
    [InlineData(0.499, 0.25, 0.5)]
    [InlineData(0.499, 0.5, 1)]
    [InlineData(0.2277, 0.5, 2)]
    [InlineData(0.25, 1.0, 4)]
    [InlineData(0.19, 0.25, 0.25 / 0.19)]
    [InlineData(0.35, 0.25, 0.25 / 0.35)]
    [InlineData(0.9, 0.25, 0.25 / 0.9)]
    public void For_SquarePixels_SnapsOnlyNearOneHalfAndTwo(double mpp, double target, double expected)
    {
        AnalysisGrid grid = AnalysisGrid.For(new PixelSize(mpp, mpp, PixelSizeSource.User), target);
        Assert.Equal(expected, grid.ScaleX, 12);
        Assert.Equal(expected, grid.ScaleY, 12);
    }

    [Fact]
    public void For_PixelsThatAreNotSquare_MakesThemSquare()
    {
        AnalysisGrid grid = AnalysisGrid.For(new PixelSize(0.25, 0.5, PixelSizeSource.User), 0.5);
        Assert.Equal(new AnalysisGrid(2, 1), grid);
        Assert.Equal((0.5, 0.5), grid.MicronsPerPixel(new PixelSize(0.25, 0.5, PixelSizeSource.User)));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    [InlineData(double.NaN)]
    [InlineData(double.PositiveInfinity)]
    public void For_TargetThatCannotBe_Throws(double target) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => AnalysisGrid.For(new PixelSize(0.25, 0.25, PixelSizeSource.User), target));

    [Fact]
    public void SizeOf_SlideThatDoesNotDivide_CoversIt()
    {
        Assert.Equal((1110L, 1484L), new AnalysisGrid(2, 2).SizeOf(new SlideLevel(2220, 2967, 1)));
        Assert.Equal((4440L, 5934L), new AnalysisGrid(0.5, 0.5).SizeOf(new SlideLevel(2220, 2967, 1)));
    }
}
