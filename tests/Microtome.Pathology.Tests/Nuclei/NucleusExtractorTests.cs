using Microtome.Imaging;
using Microtome.Learning;

namespace Microtome.Pathology.Tests;

public class NucleusExtractorTests
{
    private static readonly AnalysisGrid Half = new(0.5, 0.5);

    [Fact]
    public void Anchor_Ties_GoLeftAndUp()
    {
        var region = default(NucleusRegion);
        region.Add(10, 12, 4, 0); // columns 10, 11: mean 10.5
        Assert.Equal((10, 4), region.Anchor);
        region.Add(12, 13, 5, 0); // mean 11, 4.33
        Assert.Equal((11, 4), region.Anchor);
    }

    [Fact]
    public void Extract_Disc_MeasuresInMicronsAndLevel0()
    {
        const int radius = 20;
        var (maps, image) = Disc(100, 80, 50, 40, radius);
        var nucleus = Assert.Single(new NucleusExtractor(Half, 0.25).Extract(new GridRect(1000, 2000, 100, 80), new GridRect(1010, 2010, 80, 60), image, maps));
        var area = Math.PI * radius * radius;
        Assert.Equal(area * 0.0625, nucleus.AreaUm2, area * 0.0625 * 0.02);
        Assert.Equal(2 * Math.PI * radius * 0.25, nucleus.PerimeterUm, 1.6);
        Assert.Equal(2 * radius * 0.25, nucleus.MajorAxisUm, 0.2);
        Assert.Equal(2 * radius * 0.25, nucleus.MinorAxisUm, 0.2);
        Assert.InRange(nucleus.Eccentricity, 0, 0.15);
        Assert.InRange(nucleus.Solidity, 0.96, 1);
        Assert.Equal((1050L, 2040L), nucleus.Anchor);
        Assert.Equal(new Level0Point(1050.5 / 2, 2040.5 / 2), nucleus.Centroid);
        Assert.Equal(area / 4, nucleus.Polygon.Area, area / 4 * 0.02);
        Assert.All(nucleus.Polygon.Exterior, v => Assert.Equal(radius / 2.0, Math.Sqrt(Math.Pow(v.X - 525.25, 2) + Math.Pow(v.Y - 1020.25, 2)), 0.6));
        Assert.Equal(1, nucleus.Probability, 6);
    }

    [Fact]
    public void Extract_KnownStain_GivesItsDensities()
    {
        var (maps, image) = Disc(60, 60, 30, 30, 12);
        double[] hematoxylin = [0.65, 0.70, 0.29], eosin = [0.07, 0.99, 0.11];
        double Length(double[] v) => Math.Sqrt(v.Sum(c => c * c));
        for (var i = 0; i < 60 * 60; i++)
        {
            for (var c = 0; c < 3; c++)
                image.Pixels[(3 * i) + c] = (byte)Math.Round(255 * Math.Pow(10, -((0.8 * hematoxylin[c] / Length(hematoxylin)) + (0.3 * eosin[c] / Length(eosin)))));
        }

        var nucleus = Assert.Single(new NucleusExtractor(Half, 0.25).Extract(new GridRect(0, 0, 60, 60), new GridRect(0, 0, 60, 60), image, maps));
        Assert.Equal(0.8, nucleus.HaematoxylinMean, 0.01);
        Assert.Equal(0.3, nucleus.EosinMean, 0.01);
        Assert.Equal(image.Pixels[0], nucleus.MeanRgb.R, 6);
    }

    [Theory]
    [InlineData(64, 0, 0)]
    [InlineData(100, 0, 0)]
    [InlineData(150, 37, 91)]
    [InlineData(300, 0, 0)]
    public void Extract_AnyTiling_GivesTheSameNuclei(int tile, int shiftX, int shiftY)
    {
        var truth = new SyntheticNuclei(400, 300, 120, 9);
        var (maps, image) = (truth.Maps(4), truth.Picture(5));
        var everything = new GridRect(0, 0, 400, 300);
        var whole = new NucleusExtractor(Half, 0.25).Extract(everything, everything, image, maps);
        Assert.True(whole.Length > 80);
        var pieces = new List<Nucleus>();
        var extractor = new NucleusExtractor(Half, 0.25);
        const int halo = 64;
        for (var y = -shiftY; y < 300; y += tile)
        {
            for (var x = -shiftX; x < 400; x += tile)
            {
                var core = new GridRect(x, y, tile, tile);
                var window = new GridRect(x - halo, y - halo, tile + (2 * halo), tile + (2 * halo));
                pieces.AddRange(extractor.Extract(window, core, Crop(image, window), Crop(maps, window)));
            }
        }

        var sorted = pieces.OrderBy(n => n.Anchor.Y).ThenBy(n => n.Anchor.X).ToArray();
        Assert.Equal(whole.Length, sorted.Length);
        for (var i = 0; i < whole.Length; i++)
        {
            Assert.Equal(whole[i].Polygon.Exterior, sorted[i].Polygon.Exterior);
            Assert.Equal(whole[i], sorted[i] with { Polygon = whole[i].Polygon });
        }
    }

    [Fact]
    public void Extract_SyntheticNuclei_OutlinesAreSimpleAndHoldTheArea()
    {
        var truth = new SyntheticNuclei(500, 500, 300, 12);
        var everything = new GridRect(0, 0, 500, 500);
        var nuclei = new NucleusExtractor(new AnalysisGrid(1, 1), 0.25).Extract(everything, everything, truth.Picture(), truth.Maps());
        Assert.True(nuclei.Length > 150);
        foreach (var nucleus in nuclei)
        {
            var ring = nucleus.Polygon.Exterior;
            Assert.Equal(nucleus.AreaPixels, nucleus.Polygon.Area, 2 + (0.03 * nucleus.AreaPixels));
            Assert.True(Polygon.SignedArea(ring) > 0);
            Assert.InRange(ring.Length, 4, 60);
            AssertSimple(ring);
        }
    }

    [Fact]
    public void Smooth_RandomBlobs_StaySimpleAndNearTheirPixels()
    {
        var random = new Random(21);
        for (var round = 0; round < 300; round++)
        {
            // Noise gives spikes, necks and corners that touch.
            var mask = new Raster<byte>(14, 14);
            for (var i = 0; i < mask.Samples.Length; i++)
                mask.Samples[i] = random.NextDouble() < 0.6 ? (byte)1 : (byte)0;
            foreach (var polygon in PolygonTracer.Trace(mask, holes: false))
            {
                var ring = NucleusOutline.Smooth(polygon.Exterior);
                AssertSimple(ring);
                Assert.True(Polygon.SignedArea(ring) > 0);
            }
        }
    }

    private static void AssertSimple(Vertex[] ring)
    {
        for (var i = 0; i < ring.Length; i++)
        {
            for (var j = i + 2; j < ring.Length; j++)
            {
                if (i == 0 && j == ring.Length - 1)
                    continue;
                var (a, b, c, d) = (ring[i], ring[i + 1], ring[j], ring[(j + 1) % ring.Length]);
                Assert.False(
                    Side(a, b, c) * Side(a, b, d) <= 0 && Side(c, d, a) * Side(c, d, b) <= 0 && Overlap(a.X, b.X, c.X, d.X) && Overlap(a.Y, b.Y, c.Y, d.Y),
                    $"edges {i} and {j} of {string.Join(' ', ring)} meet");
            }
        }

        static int Side(Vertex a, Vertex b, Vertex p) => Math.Sign(((b.X - a.X) * (p.Y - a.Y)) - ((b.Y - a.Y) * (p.X - a.X)));
        static bool Overlap(double a, double b, double c, double d) => Math.Max(Math.Min(a, b), Math.Min(c, d)) <= Math.Min(Math.Max(a, b), Math.Max(c, d));
    }

    private static (ByteMaps Maps, RgbImage Image) Disc(int width, int height, int cx, int cy, int radius)
    {
        var maps = new ByteMaps(2, width, height);
        for (var y = 0; y < height; y++)
        {
            for (var x = 0; x < width; x++)
            {
                var distance = Math.Sqrt(Math.Pow(x - cx, 2) + Math.Pow(y - cy, 2));
                if (distance > radius)
                    continue;
                maps.Row(0, y)[x] = 255;
                maps.Row(1, y)[x] = (byte)(255 * (1 - (distance / radius)));
            }
        }

        return (maps, new RgbImage(width, height));
    }

    private static ByteMaps Crop(ByteMaps maps, GridRect window)
    {
        var result = new ByteMaps(maps.Channels, window.Width, window.Height);
        for (var c = 0; c < maps.Channels; c++)
        {
            for (var y = 0; y < window.Height; y++)
            {
                for (var x = 0; x < window.Width; x++)
                {
                    var (u, v) = ((int)window.X + x, (int)window.Y + y);
                    if (u >= 0 && v >= 0 && u < maps.Width && v < maps.Height)
                        result.Row(c, y)[x] = maps.Row(c, v)[u];
                }
            }
        }

        return result;
    }

    private static RgbImage Crop(RgbImage image, GridRect window)
    {
        var result = new RgbImage(window.Width, window.Height);
        for (var y = 0; y < window.Height; y++)
        {
            for (var x = 0; x < window.Width; x++)
            {
                var (u, v) = ((int)window.X + x, (int)window.Y + y);
                if (u >= 0 && v >= 0 && u < image.Width && v < image.Height)
                    image.Row(v).Slice(3 * u, 3).CopyTo(result.Row(y)[(3 * x)..]);
            }
        }

        return result;
    }
}
