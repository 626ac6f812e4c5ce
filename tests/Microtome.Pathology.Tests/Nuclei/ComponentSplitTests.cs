using Microtome.Imaging;
using Microtome.Learning;

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

    [Fact]
    public void Run_SquareInWhichTheNetworkSeesTwoSummits_IsPartedBetweenThem()
    {
        var labels = new Raster<int>(100, 60);
        for (var y = 10; y < 50; y++)
        {
            for (var x = 20; x < 80; x++)
                labels[x, y] = 3;
        }

        var parted = ComponentSplit.Run(labels, Summits((35, 30), (65, 30)), new NucleusPostprocessingOptions());
        Assert.Equal(1, Count(ComponentSplit.Run(labels)));
        Assert.Equal(2, Count(parted));
        Assert.NotEqual(parted[35, 30], parted[65, 30]);
        Assert.Equal(labels.Samples.Select(l => l != 0), parted.Samples.Select(l => l != 0));
    }

    [Fact]
    public void Run_SummitsOutsideALabel_DoNotPartIt()
    {
        var parted = ComponentSplit.Run(Draw((30, 30, 12, 12, 1), (75, 30, 12, 12, 2)), Summits((30, 30), (52, 30)), new NucleusPostprocessingOptions());
        Assert.Equal(2, Count(parted));
    }

    // Cones of 20 pixels in the distance map; no foreground, which must not be needed.
    private static ByteMaps Summits(params (int X, int Y)[] at)
    {
        var maps = new ByteMaps(3, 100, 60);
        foreach (var (cx, cy) in at)
        {
            for (var y = 0; y < 60; y++)
            {
                for (var x = 0; x < 100; x++)
                {
                    var height = 255 * (1 - (Math.Sqrt(((x - cx) * (x - cx)) + ((y - cy) * (y - cy))) / 20));
                    maps.Row(NucleusMaps.Distance, y)[x] = (byte)Math.Max(maps.Row(NucleusMaps.Distance, y)[x], Math.Max(0, height));
                }
            }
        }

        return maps;
    }
}
