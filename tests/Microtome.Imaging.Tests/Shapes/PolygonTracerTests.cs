using FsCheck;
using FsCheck.Fluent;

namespace Microtome.Imaging.Tests.Shapes;

public class PolygonTracerTests
{
    [Fact]
    public void Trace_SinglePixel_IsUnitSquare()
    {
        var polygon = Assert.Single(PolygonTracer.Trace(Masks.Parse("...", "..#")));
        Assert.Equal([new(3, 1), new(3, 2), new(2, 2), new(2, 1)], polygon.Exterior);
        Assert.Equal(1, polygon.Area);
    }

    [Fact]
    public void Trace_FullMask_HasFourCorners()
        => Assert.Equal(4, Assert.Single(PolygonTracer.Trace(Masks.Parse("#####", "#####", "#####"))).Exterior.Length);

    [Fact]
    public void Trace_DiagonalNeighbours_AreTwoObjects()
        => Assert.Equal(2, PolygonTracer.Trace(Masks.Parse("#.", ".#")).Length);

    [Fact]
    public void Trace_HoleJoinedToOutsideByCorner_GivesSimpleRings()
    {
        // The hole at (1, 1) touches the outside at the corner (1, 1): one ring would touch itself there.
        var polygon = Assert.Single(PolygonTracer.Trace(Masks.Parse(".##", "#.#", "###")));
        Assert.Single(polygon.Holes);
        Assert.Equal(7, polygon.Area);
        Assert.Equal(polygon.Exterior.Length, polygon.Exterior.Distinct().Count());
    }

    [Fact]
    public void Trace_RandomMasks_FillsBackToTheSameMask()
    {
        // FsCheck chooses sizes, densities and seeds; a failure is shrunk to the smallest seed.
        Prop.ForAll<int>(seed =>
        {
            var mask = Masks.Random(new Random(seed));
            var polygons = PolygonTracer.Trace(mask);
            var back = PolygonRasterizer.ToMask(polygons, mask.Width, mask.Height);
            Assert.Equal(Masks.Text(mask), Masks.Text(back));
            Assert.Equal(mask.Samples.Sum(v => v), polygons.Sum(p => p.Area));
            Assert.Equal(ConnectedComponents.Label(mask).Count, polygons.Length);
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(2000));
    }

    [Fact]
    public void Trace_RandomMasks_RingsAreSimpleAlternatingAndOriented()
    {
        for (var seed = 0; seed < 2000; seed++)
        {
            foreach (var polygon in PolygonTracer.Trace(Masks.Random(new Random(seed))))
            {
                Assert.True(Polygon.SignedArea(polygon.Exterior) > 0);
                foreach (var ring in polygon.Holes.Append(polygon.Exterior))
                {
                    Assert.Equal(ring.Length, ring.Distinct().Count());
                    for (var i = 0; i < ring.Length; i++)
                    {
                        var (a, b, c) = (ring[i], ring[(i + 1) % ring.Length], ring[(i + 2) % ring.Length]);
                        Assert.True((a.X == b.X) != (b.X == c.X), "two edges of one direction in a row: not simplified");
                        Assert.True((a.X == b.X) != (a.Y == b.Y));
                    }
                }

                Assert.All(polygon.Holes, h => Assert.True(Polygon.SignedArea(h) < 0));
            }
        }
    }

    [Fact]
    public void Trace_LabelInBox_EqualsTraceOfItsMask()
    {
        var random = new Random(3);
        for (var round = 0; round < 300; round++)
        {
            var labels = new Raster<int>(random.Next(1, 30), random.Next(1, 30));
            for (var i = 0; i < labels.Samples.Length; i++)
                labels.Samples[i] = random.Next(4);
            var boxes = ConnectedComponents.BoundingBoxes(labels, 3);
            for (var label = 1; label <= 3; label++)
            {
                var mask = new Raster<byte>(labels.Width, labels.Height, Array.ConvertAll(labels.Samples, v => v == label ? (byte)1 : (byte)0));
                var expected = PolygonTracer.Trace(mask);
                var actual = PolygonTracer.Trace(labels, label, boxes[label]);
                Assert.Equal(expected.Length, actual.Length);
                for (var i = 0; i < expected.Length; i++)
                {
                    Assert.Equal(expected[i].Exterior, actual[i].Exterior);
                    Assert.Equal(expected[i].Holes, actual[i].Holes);
                }
            }
        }
    }

    [Fact]
    public void Trace_WithoutHoles_GivesOuterRingsOnly()
    {
        var polygon = Assert.Single(PolygonTracer.Trace(Masks.Parse("###", "#.#", "###"), holes: false));
        Assert.Empty(polygon.Holes);
        Assert.Equal(9, polygon.Area);
    }

    [Fact]
    public void TraceLargest_TwoParts_GivesTheLarger()
    {
        var labels = Masks.AsLabels(Masks.Parse("#.##", "..##"), 5);
        Assert.Equal(4, PolygonTracer.TraceLargest(labels, 5, PixelBox.Of(labels))!.Area);
        Assert.Null(PolygonTracer.TraceLargest(labels, 6, PixelBox.Of(labels)));
    }
}
