namespace Microtome.Imaging.Tests.Tissue;

public class TissueFileTests
{
    [Fact]
    public void FromGeoJson_WhatWasWritten_GivesTheSameMask()
    {
        using var folder = new TemporaryFolder();
        using var slide = Slide.Open(Samples.DemoSlide);
        var tissue = TissueMask.Detect(slide);
        tissue.WriteGeoJson(folder["tissue.geojson"]);
        tissue.WritePng(folder["tissue.png"]);
        var back = TissueMask.FromGeoJson(slide, folder["tissue.geojson"]);
        Assert.Equal(tissue.Mask.Samples, back.Mask.Samples);
        Assert.Equal(tissue.AreaMm2, back.AreaMm2);
        Assert.Equal(tissue.Mask.Samples.Select(v => v * 255), ImageFile.ReadGray(folder["tissue.png"]).Samples.Select(v => (int)v));
        var area = GeoJsonReader.ReadFile(folder["tissue.geojson"]).Where(f => f.ClassName == "Tissue").Sum(f => f.Measurements.Single().Value);
        Assert.Equal(tissue.AreaMm2!.Value, area, 1e-3);
    }

    [Fact]
    public void FromGeoJson_EditedByHand_AddsTakesOutAndNotes()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder["edited.geojson"], """
            {"type":"FeatureCollection","features":[
            {"type":"Feature","geometry":{"type":"Polygon","coordinates":[[[0,0],[800,0],[800,800],[0,800],[0,0]]]},"properties":{}},
            {"type":"Feature","geometry":{"type":"Polygon","coordinates":[[[0,0],[160,0],[160,800],[0,800],[0,0]]]},"properties":{"classification":{"name":"Ignore*"}}},
            {"type":"Feature","geometry":{"type":"Polygon","coordinates":[[[0,0],[1600,0],[1600,1600],[0,1600],[0,0]]]},"properties":{"classification":{"name":"Tumor"}}}]}
            """);
        var slide = PaintedSlide.At(0.5, new RgbImage(1600, 1600));
        var tissue = TissueMask.FromGeoJson(slide, folder["edited.geojson"]);
        Assert.Equal(40 * 50, tissue.Mask.Samples.Sum(v => v));
        Assert.Contains(tissue.Notes, n => n.Contains("Tumor", StringComparison.Ordinal));
        Assert.Throws<SlideException>(() => TissueMask.FromGeoJson(slide, folder["absent.geojson"]));
    }

    [Fact]
    public void Coverage_RandomRectangles_AgreesWithCountingPixels()
    {
        var random = new Random(2);
        var mask = new Raster<byte>(37, 23);
        for (var i = 0; i < mask.Samples.Length; i++)
            mask.Samples[i] = (byte)random.Next(2);
        var tissue = new TissueMask("x", mask, new AnalysisGrid(4, 5), null, []);
        for (var round = 0; round < 300; round++)
        {
            var rect = new Level0Rect(random.Next(-30, 150), random.Next(-30, 120), random.Next(1, 60), random.Next(1, 60));
            long inside = 0;
            for (var y = rect.Y; y < rect.Bottom; y++)
            {
                for (var x = rect.X; x < rect.Right; x++)
                {
                    var set = x >= 0 && y >= 0 && x < 37 * 4 && y < 23 * 5 && mask[(int)x / 4, (int)y / 5] == 1;
                    Assert.Equal(set, tissue.Contains(new Level0Point(x + 0.5, y + 0.5)));
                    inside += set ? 1 : 0;
                }
            }

            Assert.Equal((double)inside / (rect.Width * rect.Height), tissue.Coverage(rect), 1e-9);
            Assert.Equal(inside > 0, tissue.Touches(rect));
        }

        Assert.Equal(0, tissue.Coverage(new Level0Rect(0, 0, 0, 5)));
    }

    [Theory]
    [InlineData(new long[] { 0, 10, 0, 0, 0, 0, 5, 0 }, 3)]
    [InlineData(new long[] { 7, 0, 0, 0 }, 0)]
    public void Otsu_TwoGroups_CutsInTheMiddle(long[] counts, int expected) => Assert.Equal(expected, HistogramThreshold.Otsu(counts));

    [Fact]
    public void Triangle_PeakWithTail_CutsAtTheFoot()
        => Assert.InRange(HistogramThreshold.Triangle([0, 50, 100, 40, 6, 5, 4, 3, 3, 2, 1, 1]), 4, 5);
}
