using System.Text.Json.Nodes;
using Microtome.Imaging;

namespace Microtome.Pathology.Tests;

public sealed class QualityStepTests : IDisposable
{
    private const string Address = "synthetic:3600x2800?tissue=0.5";
    private const string Name = "synthetic-3600x2800";
    private readonly string root = Directory.CreateTempSubdirectory("quality 质量 ").FullName;

    public void Dispose() => Directory.Delete(root, true);

    private AnalysisSettings Settings(string output) => new() { Output = Path.Combine(root, output), Threads = 2 };

    private string QualityFile(string output) => Path.Combine(root, output, Name, SlideQuality.FileName);

    private static JsonObject Run(AnalysisSettings settings, string address = Address, double? mpp = null)
    {
        using var analysis = new SlideAnalysis(settings, settings.Nuclei ? ColourNetwork.Model() : null, new SilentLog());
        return analysis.Run(new SlideInput(address, mpp), CancellationToken.None);
    }

    [Fact]
    public void Run_SyntheticSlide_MeasuresWhatItsNucleiAre()
    {
        var summary = Run(Settings("a"));
        var quality = SlideQuality.Read(QualityFile("a"));
        var nuclei = quality.Nuclei!;

        Assert.Equal(Name, quality.Slide);
        Assert.Equal((double)summary["tissue_area_mm2"]!, quality.TissueAreaMm2, 4);
        Assert.Equal((long)summary["nuclei_count"]!, nuclei.Count);
        Assert.Equal(nuclei.Count / quality.TissueAreaMm2, nuclei.PerMm2, 0.001 * nuclei.PerMm2);
        Assert.Equal(0, nuclei.OutsideFraction);
        Assert.Equal(0, nuclei.EmptySquareFraction);
        Assert.Equal((double)summary["area_um2_mean"]!, nuclei.AreaMeanUm2, 1);
        Assert.Equal(nuclei.AreaMeanUm2 * nuclei.PerMm2 / 1e6, nuclei.CoveredFraction, 4);
        foreach (var histogram in (QualityHistogram[])[nuclei.AreaLog2Um2, nuclei.HaematoxylinMeanOd, nuclei.Probability, nuclei.Solidity])
            Assert.Equal(nuclei.Count, histogram.Total);
        // Radii are 2.4 to 4 um.
        Assert.InRange(nuclei.AreaMedianUm2, Math.PI * 2.4 * 2.4, Math.PI * 4 * 4);
        // One nucleus in a cell of 12 um at most, three quarters of them taken.
        Assert.InRange(Math.Pow(2, nuclei.NeighbourLog2Um.Quantile(0.5)), 8, 14);
        Assert.Equal(nuclei.Neighbours, nuclei.NeighbourLog2Um.Total);
        Assert.InRange(quality.Focus!.Tiles, 10, 64);
        Assert.Equal(0.5, quality.Focus.Mpp);
        // Colours of the slide: its nuclei are (86, 58, 138) on (226, 160, 198), about one sixth of the area.
        Assert.InRange(quality.Stain!.RedMean, 190, 215);
    }

    [Fact]
    public void Run_TwiceThePixelSize_QuadruplesAreasAndQuartersDensity()
    {
        Run(Settings("a"));
        Run(Settings("b"), mpp: 0.5);
        var (a, b) = (SlideQuality.Read(QualityFile("a")).Nuclei!, SlideQuality.Read(QualityFile("b")).Nuclei!);

        Assert.Equal(4, b.AreaMedianUm2 / a.AreaMedianUm2, 0.4);
        Assert.Equal(0.25, b.PerMm2 / a.PerMm2, 0.03);
        Assert.Equal(1, b.CoveredFraction / a.CoveredFraction, 0.1);
        Assert.Equal(2, Math.Pow(2, b.NeighbourLog2Um.Quantile(0.5) - a.NeighbourLog2Um.Quantile(0.5)), 0.2);
    }

    [Fact]
    public void Run_AnyThreadsAndTiles_SameBytes()
    {
        Run(Settings("a") with { Threads = 1 });
        Run(Settings("b") with { Threads = 4, TileSize = 700 });

        Assert.Equal(File.ReadAllBytes(QualityFile("a")), File.ReadAllBytes(QualityFile("b")));
    }

    [Fact]
    public void Run_Again_MeasuresOnlyWhenSomethingChanged()
    {
        Run(Settings("a"));
        byte[] first = File.ReadAllBytes(QualityFile("a"));
        File.SetLastWriteTimeUtc(QualityFile("a"), new DateTime(2001, 1, 1, 0, 0, 0, DateTimeKind.Utc));
        Run(Settings("a"));
        Assert.Equal(2001, File.GetLastWriteTimeUtc(QualityFile("a")).Year);

        // A run that does not look for nuclei keeps those that are there.
        Run(Settings("a") with { Nuclei = false });
        Assert.Equal(2001, File.GetLastWriteTimeUtc(QualityFile("a")).Year);

        File.Delete(QualityFile("a"));
        Run(Settings("a"));
        Assert.Equal(first, File.ReadAllBytes(QualityFile("a")));
    }

    [Fact]
    public void Run_OutlineEdited_NucleiOfTheOldOutlineAreNotTaken()
    {
        Run(Settings("a"));
        string outline = Path.Combine(root, "a", Name, "tissue.geojson");
        File.WriteAllText(outline, """{"type":"FeatureCollection","features":[{"type":"Feature","geometry":{"type":"Polygon","coordinates":[[[1200,900],[2200,900],[2200,1900],[1200,1900],[1200,900]]]},"properties":{}}]}""");
        Run(Settings("a") with { Nuclei = false });
        var withoutNuclei = SlideQuality.Read(QualityFile("a"));
        Assert.Null(withoutNuclei.Nuclei);
        Assert.True(withoutNuclei.TissueEdited);

        Run(Settings("a"));
        Assert.InRange(SlideQuality.Read(QualityFile("a")).Nuclei!.Count, 100, 500);
    }

    [Fact]
    public void Run_NoTissue_SaysSo()
    {
        Run(Settings("a"), "synthetic:1200x1000?tissue=0");
        var quality = SlideQuality.Read(Path.Combine(root, "a", "synthetic-1200x1000", SlideQuality.FileName));

        Assert.Equal((0, 0L), (quality.TissueAreaMm2, quality.Nuclei!.Count));
        Assert.Null(quality.Focus);
        Assert.Null(quality.Stain);
        Assert.Null(quality.Nuclei.TouchingFraction);
    }

    [Fact]
    public void NearestNeighbours_AreThoseOfBruteForce()
    {
        Run(Settings("a"));
        var nuclei = NucleusGeoPackageReader.Read(Path.Combine(root, "a", Name, "nuclei.gpkg")).ToArray();
        using var slide = Slide.Open(Address);
        var tissue = TissueMask.FromGeoJson(slide, Path.Combine(root, "a", Name, "tissue.geojson"));
        var tiles = QualityTiles.Choose(tissue, slide.PixelSize!);
        var expected = QualityHistogram.Of(0, 0.125, 48);
        int count = 0;
        foreach (var nucleus in nuclei)
        {
            // Squares of 256 pixels of 0.5 um are 512 level-0 pixels.
            var cell = ((long)Math.Floor(nucleus.Centroid.X / 512), (long)Math.Floor(nucleus.Centroid.Y / 512));
            if (!tiles.Squares.Any(s => (s.X / 256, s.Y / 256) == cell))
                continue;
            double nearest = nuclei.Where(n => n != nucleus).Min(n => Math.Sqrt(Math.Pow(n.Centroid.X - nucleus.Centroid.X, 2) + Math.Pow(n.Centroid.Y - nucleus.Centroid.Y, 2))) * 0.25;
            expected.Add(Math.Log2(Math.Min(32, nearest)));
            count++;
        }

        var found = SlideQuality.Read(QualityFile("a")).Nuclei!;
        Assert.Equal(count, found.Neighbours);
        Assert.Equal(expected.Counts, found.NeighbourLog2Um.Counts);
    }

    [Fact]
    public void Read_DamagedOldOrMissing_SaysWhatToDo()
    {
        string path = Path.Combine(root, SlideQuality.FileName);
        Assert.Contains("does not exist", Assert.Throws<SlideException>(() => SlideQuality.Read(path)).Message, StringComparison.Ordinal);
        foreach (string text in (string[])["", "null", "[]", "{", """{"version":1}""", """{"version":1,"slide":3}""", "\0\0"])
        {
            File.WriteAllText(path, text);
            Assert.Contains("damaged", Assert.Throws<SlideException>(() => SlideQuality.Read(path)).Message, StringComparison.Ordinal);
        }

        new SlideQuality { Slide = "x", Mpp = 0.25, MppSource = "User", TissueAreaMm2 = 1, TissueFraction = 0.5, Version = 99 }.Write(path);
        Assert.Contains("version 99", Assert.Throws<SlideException>(() => SlideQuality.Read(path)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Write_ReadBack_IsTheSame()
    {
        Run(Settings("a"));
        string copy = Path.Combine(root, "copy.json");
        SlideQuality.Read(QualityFile("a")).Write(copy);

        Assert.Equal(File.ReadAllText(QualityFile("a")), File.ReadAllText(copy));
    }
}
