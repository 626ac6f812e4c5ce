namespace Microtome.Imaging.Tests.Shapes;

public class PolygonRasterizerTests
{
    [Fact]
    public void Fill_RandomPolygons_AgreesWithPointInPolygon()
    {
        var random = new Random(5);
        for (var round = 0; round < 300; round++)
        {
            // Corners partly outside the raster; self-crossing rings included: the rule is even-odd in both.
            Vertex Corner() => new((random.NextDouble() * 40) - 10, (random.NextDouble() * 40) - 10);
            Vertex[] Ring() => Enumerable.Range(0, random.Next(3, 9)).Select(_ => Corner()).ToArray();
            var polygon = new Polygon(Ring(), random.Next(2) == 0 ? null : [Ring()]);
            var mask = PolygonRasterizer.ToMask([polygon], 20, 20);
            for (var y = 0; y < 20; y++)
            {
                for (var x = 0; x < 20; x++)
                    Assert.Equal(polygon.Contains(x + 0.5, y + 0.5), mask[x, y] == 1);
            }
        }
    }

    [Fact]
    public void Fill_PolygonFarOutside_SetsNothing()
        => Assert.DoesNotContain((byte)1, PolygonRasterizer.ToMask([new Polygon([new(1e9, 1e9), new(2e9, 1e9), new(2e9, 2e9)])], 5, 5).Samples);

    [Fact]
    public void Fill_NotANumber_IsRefused()
        => Assert.Throws<ArgumentException>(() => PolygonRasterizer.ToMask([new Polygon([new(0, double.NaN), new(1, 1), new(2, 0)])], 5, 5));

    [Fact]
    public void Centroid_OfPixels_IsTheirMeanCentre()
    {
        var random = new Random(8);
        for (var round = 0; round < 200; round++)
        {
            var mask = Masks.Random(random);
            foreach (var polygon in PolygonTracer.Trace(mask))
            {
                var own = PolygonRasterizer.ToMask([polygon], mask.Width, mask.Height);
                var pixels = Enumerable.Range(0, own.Samples.Length).Where(i => own.Samples[i] == 1).ToArray();
                var centroid = polygon.Centroid();
                Assert.Equal(pixels.Average(i => (i % own.Width) + 0.5), centroid.X, 9);
                Assert.Equal(pixels.Average(i => (i / own.Width) + 0.5), centroid.Y, 9);
            }
        }
    }
}
