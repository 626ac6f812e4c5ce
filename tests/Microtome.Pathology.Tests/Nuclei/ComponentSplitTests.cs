using Microtome.Imaging;

namespace Microtome.Pathology.Tests;

public class ComponentSplitTests
{
    private static Raster<int> Draw(params (int X, int Y, int RadiusX, int RadiusY, int Label)[] ellipses)
    {
        var labels = new Raster<int>(100, 60);
        foreach (var (cx, cy, rx, ry, label) in ellipses)
        {
            for (var y = 0; y < labels.Height; y++)
            {
                for (var x = 0; x < labels.Width; x++)
                {
                    double dx = (x - cx) / (double)rx, dy = (y - cy) / (double)ry;
                    if ((dx * dx) + (dy * dy) <= 1)
                        labels[x, y] = label;
                }
            }
        }

        return labels;
    }

    private static int Count(Raster<int> labels) => labels.Samples.Where(l => l != 0).Distinct().Count();

    [Fact]
    public void Run_TwoDiscsUnderOneLabel_AreParted()
    {
        var labels = Draw((30, 30, 12, 12, 5), (50, 30, 12, 12, 5));
        var parted = ComponentSplit.Run(labels);
        Assert.Equal(2, Count(parted));
        Assert.NotEqual(parted[25, 30], parted[55, 30]);
        Assert.Equal(labels.Samples.Select(l => l != 0), parted.Samples.Select(l => l != 0));
    }

    [Fact]
    public void Run_EllipseAndDisc_StayWhole()
    {
        var parted = ComponentSplit.Run(Draw((30, 30, 25, 9, 1), (75, 30, 12, 12, 2)));
        Assert.Equal(2, Count(parted));
        Assert.Equal(parted[10, 30], parted[50, 30]);
    }

    [Fact]
    public void Run_TouchingLabels_AreNotMixed()
    {
        var parted = ComponentSplit.Run(Draw((30, 30, 12, 12, 7), (50, 30, 12, 12, 3)));
        Assert.Equal(2, Count(parted));
        Assert.Equal(2, new[] { parted[25, 30], parted[55, 30] }.Distinct().Count());
    }

    [Fact]
    public void Run_EmptyMask_StaysEmpty() => Assert.Equal(0, Count(ComponentSplit.Run(new Raster<int>(10, 10))));
}
