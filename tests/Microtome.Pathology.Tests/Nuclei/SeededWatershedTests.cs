using Microtome.Imaging;

namespace Microtome.Pathology.Tests;

public class SeededWatershedTests
{
    [Fact]
    public void Segment_TwoTouchingDiscs_AreSplitBetweenTheirSeeds()
    {
        var (segmentation, detection) = Scene((30, 30, 12), (52, 30, 12));
        var (labels, objects) = SeededWatershed.Segment(segmentation, detection);
        Assert.Equal(2, objects);
        Assert.NotEqual(labels[30, 30], labels[52, 30]);
        Assert.Equal(labels[22, 30], labels[30, 30]);
        Assert.Equal(0, labels[30, 50]);
    }

    [Fact]
    public void Segment_UndetectedDisc_NeedsRecall()
    {
        var (segmentation, _) = Scene((30, 30, 12));
        var none = new Raster<byte>(90, 60);
        Assert.Equal(1, SeededWatershed.Segment(segmentation, none).Objects);
        Assert.Equal(0, SeededWatershed.Segment(segmentation, none, new() { Recall = false }).Objects);
        Assert.Equal(0, SeededWatershed.Segment(segmentation, none, new() { MaxRecallArea = 100 }).Objects);
    }

    [Fact]
    public void Segment_SeedOnBackground_WritesTheBackgroundOnlyAsCoded()
    {
        var (segmentation, detection) = Scene((30, 30, 12));
        Blob(detection, 70, 40);
        var (mended, one) = SeededWatershed.Segment(segmentation, detection);
        Assert.Equal((1, 0), (one, mended[80, 50]));
        var (coded, two) = SeededWatershed.Segment(segmentation, detection, new() { AsCoded = true });
        Assert.Equal(1, two); // hole filling fills its whole window, so this one is dropped ...

        // ... unless a nucleus reaches the window's edge: then the background is a nucleus.
        Assert.Equal(0, coded[80, 50]);
        (coded, two) = SeededWatershed.Segment(segmentation, detection, new() { AsCoded = true, Window = 36 });
        Assert.Equal(2, two);
        Assert.NotEqual(0, coded[80, 50]);
    }

    [Fact]
    public void Segment_TwoSeedsInOneMarker_WriteTheNucleusTwiceOnlyAsCoded()
    {
        var (segmentation, detection) = Scene((30, 30, 12));
        Array.Clear(detection.Samples);
        (detection[29, 30], detection[32, 32]) = (60, 60);
        Assert.Equal(2, SeededWatershed.Segment(segmentation, detection, new() { DetectionThreshold = 0.03, AsCoded = true }).Objects);
        Assert.Equal(1, SeededWatershed.Segment(segmentation, detection, new() { DetectionThreshold = 0.03 }).Objects);
    }

    [Fact]
    public void Experiment_AFewImages_ShowsWhatMustComeOut()
    {
        // Section 10 of the method page: F1 d >= c > b > a; AJI d > a; Dice of b and c ruined; Dice blind to the difference of a and d.
        var rows = NucleusPostprocessingExperiment.Run(6, 1).ToDictionary(r => r.Variant[0]);
        Assert.True(rows['d'].F1 >= rows['c'].F1);
        Assert.True(rows['c'].F1 > rows['b'].F1);
        Assert.True(rows['b'].F1 > rows['a'].F1);
        Assert.True(rows['d'].Aji > rows['a'].Aji + 0.1);
        Assert.True(rows['c'].Dice < 0.6 && rows['b'].Dice < 0.6);
        Assert.Equal(rows['a'].Dice, rows['d'].Dice, 0.02);
        Assert.Equal(rows['d'].F1, rows['e'].F1, 0.02);
        Assert.True(rows['f'].Aji > rows['d'].Aji);
    }

    private static (Raster<byte> Segmentation, Raster<byte> Detection) Scene(params (int X, int Y, int Radius)[] discs)
    {
        var (segmentation, detection) = (new Raster<byte>(90, 60), new Raster<byte>(90, 60));
        foreach (var (cx, cy, radius) in discs)
        {
            for (var y = 0; y < 60; y++)
            {
                for (var x = 0; x < 90; x++)
                {
                    if (((x - cx) * (x - cx)) + ((y - cy) * (y - cy)) <= radius * radius)
                        segmentation[x, y] = 235;
                }
            }

            Blob(detection, cx, cy);
        }

        return (segmentation, detection);
    }

    private static void Blob(Raster<byte> detection, int x, int y)
    {
        for (var v = -1; v <= 1; v++)
        {
            for (var u = -1; u <= 1; u++)
                detection[x + u, y + v] = 230;
        }
    }
}
