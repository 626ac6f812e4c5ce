namespace Microtome.Imaging.Tests.Shapes;

public class MorphologyTests
{
    [Theory]
    [InlineData(0, true)]
    [InlineData(1, true)]
    [InlineData(2.5, true)]
    [InlineData(4, true)]
    [InlineData(0, false)]
    [InlineData(1, false)]
    [InlineData(3, false)]
    public void DilateAndErode_RandomMasks_AgreeWithBruteForce(double radius, bool disk)
    {
        var random = new Random(1);
        for (var round = 0; round < 60; round++)
        {
            var mask = Masks.Random(random, 16);
            var dilated = disk ? Morphology.DilateDisk(mask, radius) : Morphology.DilateSquare(mask, (int)radius);
            var eroded = disk ? Morphology.ErodeDisk(mask, radius) : Morphology.ErodeSquare(mask, (int)radius);
            for (var y = 0; y < mask.Height; y++)
            {
                for (var x = 0; x < mask.Width; x++)
                {
                    bool any = false, all = true;
                    for (var v = 0; v < mask.Height; v++)
                    {
                        for (var u = 0; u < mask.Width; u++)
                        {
                            int dx = u - x, dy = v - y;
                            if (disk ? (dx * dx) + (dy * dy) > radius * radius : Math.Max(Math.Abs(dx), Math.Abs(dy)) > radius)
                                continue;
                            any |= mask[u, v] == 1;
                            all &= mask[u, v] == 1;
                        }
                    }

                    Assert.Equal(any, dilated[x, y] == 1);
                    Assert.Equal(all, eroded[x, y] == 1);
                }
            }
        }
    }

    [Fact]
    public void CloseAndOpen_AnyMask_NeverLoseNorAdd()
    {
        var random = new Random(2);
        for (var round = 0; round < 100; round++)
        {
            var mask = Masks.Random(random);
            foreach (var closed in new[] { Morphology.CloseDisk(mask, 3), Morphology.CloseSquare(mask, 2) })
                Assert.DoesNotContain(true, mask.Samples.Zip(closed.Samples, (m, c) => m > c));
            foreach (var opened in new[] { Morphology.OpenDisk(mask, 3), Morphology.OpenSquare(mask, 2) })
                Assert.DoesNotContain(true, mask.Samples.Zip(opened.Samples, (m, o) => m < o));
        }
    }

    [Fact]
    public void Close_ObjectNearBorder_DoesNotFillTheGap()
    {
        var mask = Masks.Parse("......", "..##..", "..##..", "......");
        Assert.Equal(Masks.Text(mask), Masks.Text(Morphology.CloseDisk(mask, 3)));
        Assert.Equal(Masks.Text(mask), Masks.Text(Morphology.CloseSquare(mask, 3)));
        Assert.Equal("####", Masks.Text(Morphology.CloseSquare(Masks.Parse("#..#"), 1)));
    }

    [Fact]
    public void DistanceTransform_RandomMasks_AgreesWithBruteForce()
    {
        var random = new Random(4);
        for (var round = 0; round < 200; round++)
        {
            var mask = Masks.Random(random, 18);
            var distance = DistanceTransform.ToBackground(mask);
            for (var y = 0; y < mask.Height; y++)
            {
                for (var x = 0; x < mask.Width; x++)
                {
                    var nearest = double.PositiveInfinity;
                    for (var i = 0; i < mask.Samples.Length; i++)
                    {
                        if (mask.Samples[i] == 0)
                            nearest = Math.Min(nearest, Math.Pow((i % mask.Width) - x, 2) + Math.Pow((i / mask.Width) - y, 2));
                    }

                    Assert.Equal((float)Math.Sqrt(nearest), distance[x, y]);
                }
            }
        }
    }

    [Fact]
    public void RemoveSmallAndFillHoles_Limits_AreRespected()
    {
        var mask = Masks.Parse("#####..#", "#.##..##", "####....", "......##");
        Assert.Equal(2, ConnectedComponents.RemoveSmall(mask, 3));
        Assert.Equal("#####..#\n#.##..##\n####....\n........", Masks.Text(mask));
        Assert.Equal(0, ConnectedComponents.FillHoles(mask, 0));
        Assert.Equal(1, ConnectedComponents.FillHoles(mask, 1));
        Assert.Equal(1, mask[1, 1]);
    }

    [Fact]
    public void BoundingBoxes_GapsInLabels_AreEmptyBoxes()
    {
        var labels = new Raster<int>(4, 3);
        labels[1, 0] = labels[3, 2] = 3;
        labels[0, 1] = 1;
        var boxes = ConnectedComponents.BoundingBoxes(labels, 3);
        Assert.Equal(new PixelBox(0, 1, 1, 1), boxes[1]);
        Assert.True(boxes[2].IsEmpty);
        Assert.Equal(new PixelBox(1, 0, 3, 3), boxes[3]);
        Assert.Throws<ArgumentException>(() => ConnectedComponents.BoundingBoxes(labels, 2));
    }

    [Fact]
    public void Relabel_OneLabelInTwoPlaces_GivesTwo()
    {
        var (labels, count) = ConnectedComponents.Relabel(new Raster<int>(5, 1, [7, 7, 4, 0, 7]));
        Assert.Equal(3, count);
        Assert.Equal([1, 1, 2, 0, 3], labels.Samples);
    }
}
