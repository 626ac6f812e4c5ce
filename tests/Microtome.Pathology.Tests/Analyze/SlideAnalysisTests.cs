using System.Text.Json.Nodes;
using Microtome.Imaging;

namespace Microtome.Pathology.Tests;

public sealed class SlideAnalysisTests : IDisposable
{
    private const string Address = "synthetic:2200x1700?tissue=0.4";
    private const string Name = "synthetic-2200x1700";
    private readonly string root = Directory.CreateTempSubdirectory("analyze 片 ").FullName;

    public void Dispose() => Directory.Delete(root, true);

    private AnalysisSettings Settings(string output) => new() { Output = Path.Combine(root, output), Threads = 2, TileSize = 256 };

    private static JsonObject Run(AnalysisSettings settings, ColourNetwork.Counter? counter = null, SilentLog? log = null, string address = Address, CancellationToken cancellation = default)
    {
        using var analysis = new SlideAnalysis(settings, ColourNetwork.Model(counter), log ?? new SilentLog());
        return analysis.Run(new SlideInput(address), cancellation);
    }

    private static SortedDictionary<string, string> Hashes(AnalysisSettings settings)
    {
        string folder = Path.Combine(settings.Output, Name);
        var hashes = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (string file in Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories).Where(f => Path.GetFileName(f) != "provenance.json"))
            hashes.Add(Path.GetRelativePath(folder, file), InputFingerprint.Sha256(file));
        return hashes;
    }

    private static List<Nucleus> Nuclei(AnalysisSettings settings) => [.. NucleusGeoPackageReader.Read(Path.Combine(settings.Output, Name, "nuclei.gpkg"))];

    private static string Describe(Nucleus n) =>
        $"{n.Centroid} {n.AreaUm2:R} {n.Probability:R} {n.HaematoxylinMean:R} {string.Join(' ', n.Polygon.Exterior.Select(v => $"{v.X:R},{v.Y:R}"))}";

    [Fact]
    public void Run_SyntheticSlide_FindsEveryNucleusOfTheTissueOnce()
    {
        var settings = Settings("truth");
        var summary = Run(settings);
        var found = Nuclei(settings);
        using var slide = SyntheticSlide.Parse(Address);
        var mask = TissueMask.FromGeoJson(slide, Path.Combine(settings.Output, Name, "tissue.geojson"));
        var truth = slide.NucleiIn(slide.Bounds()).ToList();
        bool Deep((Level0Point Centre, double Radius) n) => mask.Contains(n.Centre)
            && !slide.Marks.Any(m => Math.Abs(m.X - n.Centre.X) < 40 && Math.Abs(m.Y - n.Centre.Y) < 40);

        var byPlace = found.ToLookup(n => ((int)n.Centroid.X / 48, (int)n.Centroid.Y / 48));
        foreach (var nucleus in truth.Where(Deep))
        {
            var near = byPlace[((int)nucleus.Centre.X / 48, (int)nucleus.Centre.Y / 48)].Where(n => Distance(n.Centroid, nucleus.Centre) < 3).ToList();
            // A centre within a pixel of the mask's edge may fall on either side of it.
            if (near.Count == 0 && Edge(mask, nucleus.Centre))
                continue;
            Assert.Single(near);
            Assert.Equal(Math.PI * nucleus.Radius * nucleus.Radius * 0.0625, near[0].AreaUm2, Math.PI * nucleus.Radius * 2 * 0.0625);
        }

        Assert.True(found.Count <= truth.Count);
        Assert.InRange(found.Count, truth.Count(Deep) - 20, truth.Count);
        Assert.Equal(found.Count, (int)summary["nuclei_count"]!);
        Assert.True(found.Count > 300, $"only {found.Count}");

        static double Distance(Level0Point a, Level0Point b) => Math.Sqrt(((a.X - b.X) * (a.X - b.X)) + ((a.Y - b.Y) * (a.Y - b.Y)));
        static bool Edge(TissueMask mask, Level0Point p) => new[] { -1, 1 }.Any(d => !mask.Contains(new Level0Point(p.X + d, p.Y)) || !mask.Contains(new Level0Point(p.X, p.Y + d)));
    }

    [Theory]
    [InlineData(512)]
    [InlineData(1024)]
    [InlineData(2048)]
    [InlineData(333)]
    public void Run_OtherTileSize_FindsTheSameNuclei(int tile)
    {
        var (small, large) = (Settings("small"), Settings("large") with { TileSize = tile });
        Run(small);
        Run(large);
        Assert.Equal(Nuclei(small).Select(Describe).Order(StringComparer.Ordinal), Nuclei(large).Select(Describe).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Run_OtherThreadsAndBatch_GivesTheSameBytes()
    {
        var (one, many) = (Settings("one") with { Threads = 1, GeoJson = true, Quip = true }, Settings("many") with { Threads = 4, BatchSize = 3, GeoJson = true, Quip = true });
        Run(one);
        Run(many);
        Assert.Equal(Hashes(one), Hashes(many));
        Assert.Contains("nuclei.geojson.gz", Hashes(one).Keys);
        Assert.Contains(Hashes(one).Keys, k => k.StartsWith("quip/", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(8)]
    [InlineData(20)]
    public void Run_StoppedAndRunAgain_GivesTheBytesOfAnUndisturbedRun(int call)
    {
        var (whole, broken) = (Settings("whole") with { BlockSize = 256 }, Settings("broken") with { BlockSize = 256 });
        Run(whole);
        Assert.Throws<IOException>(() => Run(broken, new ColourNetwork.Counter { FailAt = call }));
        Assert.False(File.Exists(Path.Combine(broken.Output, Name, "nuclei.gpkg")));
        var log = new SilentLog();
        Run(broken, log: log);
        Assert.Equal(Hashes(whole), Hashes(broken));
        if (call == 20)
            Assert.Contains(log.Lines, l => l.Contains("were done by an earlier run", StringComparison.Ordinal));
    }

    [Fact]
    public void Run_Cancelled_ThrowsAndGoesOn()
    {
        using var stop = new CancellationTokenSource();
        var (whole, broken) = (Settings("whole"), Settings("broken"));
        Run(whole);
        Assert.Throws<OperationCanceledException>(() => Run(broken, new ColourNetwork.Counter { FailAt = 2, CancelAtFailure = stop }, cancellation: stop.Token));
        Run(broken);
        Assert.Equal(Hashes(whole), Hashes(broken));
    }

    [Fact]
    public void Run_Twice_DoesNothingTheSecondTime()
    {
        var settings = Settings("twice");
        var first = Run(settings);
        string provenance = File.ReadAllText(Path.Combine(settings.Output, Name, "provenance.json"));
        var counter = new ColourNetwork.Counter();
        var log = new SilentLog();
        var second = Run(settings, counter, log);
        Assert.Equal(0, counter.Calls);
        Assert.Empty(log.Lines);
        Assert.Equal(first.ToJsonString(), second.ToJsonString());
        Assert.Equal(provenance, File.ReadAllText(Path.Combine(settings.Output, Name, "provenance.json")));
    }

    [Theory]
    [InlineData("nuclei.gpkg", true)]
    [InlineData("report.html", false)]
    [InlineData("thumbnail.jpg", false)]
    [InlineData("tissue.geojson", false)]
    public void Run_AFileDeleted_MakesItAgainWithTheSameBytes(string name, bool network)
    {
        var settings = Settings("deleted");
        Run(settings);
        var before = Hashes(settings);
        File.Delete(Path.Combine(settings.Output, Name, name));
        var counter = new ColourNetwork.Counter();
        var log = new SilentLog();
        Run(settings, counter, log);
        Assert.Equal(before, Hashes(settings));
        Assert.Equal(network, counter.Calls > 0);
        Assert.Contains(log.Lines, l => l.Contains(name, StringComparison.Ordinal));
    }

    [Fact]
    public void Run_EditedOutline_IsHonouredAndKept()
    {
        var settings = Settings("edited");
        int all = (int)Run(settings)["nuclei_count"]!;
        string outline = Path.Combine(settings.Output, Name, "tissue.geojson");
        const string edited = """
            {"type":"FeatureCollection","features":[{"type":"Feature","properties":{"classification":{"name":"Tissue"}},
            "geometry":{"type":"Polygon","coordinates":[[[900,650],[1300,650],[1300,1050],[900,1050],[900,650]]]}}]}
            """;
        File.WriteAllText(outline, edited);
        var summary = Run(settings);
        Assert.Equal(edited, File.ReadAllText(outline));
        Assert.True((bool)summary["tissue_edited"]!);
        Assert.Equal(0.01, (double)summary["tissue_area_mm2"]!, 0.0015);
        Assert.InRange((int)summary["nuclei_count"]!, 20, 100);
        Assert.All(Nuclei(settings), n => Assert.True(n.Centroid.X is > 860 and < 1340 && n.Centroid.Y is > 610 and < 1090));

        var counter = new ColourNetwork.Counter();
        Run(settings, counter);
        Assert.Equal(0, counter.Calls);

        File.Delete(outline);
        Assert.Equal(all, (int)Run(settings)["nuclei_count"]!);
    }

    [Fact]
    public void Run_GlassOnly_HasNoNucleiAndSaysWhy()
    {
        var settings = Settings("glass");
        var counter = new ColourNetwork.Counter();
        var summary = Run(settings, counter, address: "synthetic:2200x1700?tissue=0");
        Assert.Equal(0, (int)summary["nuclei_count"]!);
        Assert.Equal(0, (double)summary["tissue_area_mm2"]!);
        Assert.NotEmpty(summary["warnings"]!.AsArray());
        Assert.Equal(0, counter.Calls);
        Assert.Empty(Nuclei(settings));
        Assert.True(File.Exists(Path.Combine(settings.Output, Name, "report.html")));
    }

    [Fact]
    public void Run_FolderInUse_SaysWho()
    {
        var settings = Settings("locked");
        using var other = ResultFolder.Open(Path.Combine(settings.Output, Name));
        var error = Assert.ThrowsAny<IOException>(() => Run(settings));
        Assert.Contains($"process {Environment.ProcessId}", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Run_LockOfADeadProcess_IsTakenOver()
    {
        var settings = Settings("dead");
        string work = Path.Combine(settings.Output, Name, ".microtome");
        Directory.CreateDirectory(work);
        File.WriteAllText(Path.Combine(work, "lock"), string.Empty);
        File.WriteAllText(Path.Combine(work, "lock.json"), $$"""{"Pid":999999999,"Host":"{{Environment.MachineName}}","Start":1,"Since":"2026-01-01T00:00:00Z"}""");
        File.WriteAllText(Path.Combine(settings.Output, Name, ".nuclei.gpkg.0123.tmp"), "half");
        var log = new SilentLog();
        Run(settings, log: log);
        Assert.Contains(log.Lines, l => l.Contains("ended early", StringComparison.Ordinal));
        Assert.DoesNotContain(Hashes(settings).Keys, k => k.Contains("tmp", StringComparison.Ordinal));
        Assert.False(Directory.Exists(work));
    }

    [Fact]
    public void Provenance_StagesAddUp()
    {
        var settings = Settings("stages");
        Run(settings);
        var nuclei = JsonNode.Parse(File.ReadAllText(Path.Combine(settings.Output, Name, "provenance.json")))!["steps"]!["nuclei"]!["details"]!;
        double wall = (double)nuclei["walk_s"]!;
        foreach (var stage in nuclei["stages"]!.AsArray().Where(s => (string)s!["stage"]! is "read" or "network" or "write"))
        {
            // Every figure in the file is rounded to a thousandth.
            int threads = (int)stage!["threads"]!;
            Assert.Equal(wall * threads, (double)stage["busy_s"]! + (double)stage["waiting_s"]!, (0.0005 * (threads + 2)) + 1e-9);
        }
    }

    [Fact]
    public void Batch_OneBadSlide_IsARowAndTheRestIsDone()
    {
        var settings = Settings("batch");
        string bad = Path.Combine(root, "坏 bad.svs");
        File.WriteAllText(bad, "not a slide");
        var batch = new BatchAnalysis(settings, ColourNetwork.Model(), new SilentLog());
        Assert.Throws<PartialFailureException>(() => batch.Run([new SlideInput(bad), new SlideInput("synthetic:1200x900")], CancellationToken.None));
        var rows = JsonNode.Parse(File.ReadAllText(Path.Combine(settings.Output, "summary.json")))!["slides"]!.AsArray();
        Assert.Equal(2, rows.Count);
        Assert.Contains("cannot be opened", (string)rows.Single(r => r!["error"] is not null)!["error"]!, StringComparison.Ordinal);
        Assert.True(File.Exists(Path.Combine(settings.Output, "synthetic-1200x900", "report.html")));
        Assert.Contains("坏 bad", File.ReadAllText(Path.Combine(settings.Output, "summary.md")), StringComparison.Ordinal);
    }
}
