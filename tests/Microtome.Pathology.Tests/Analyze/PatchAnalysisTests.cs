using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microtome.Imaging;
using Microtome.Learning.Models;

namespace Microtome.Pathology.Tests;

public sealed class PatchAnalysisTests : IDisposable
{
    private const string Address = "synthetic:5200x4100?tissue=0.4";
    private const string Name = "synthetic-5200x4100";
    private readonly string root = Directory.CreateTempSubdirectory("maps 地图 ").FullName;

    public void Dispose() => Directory.Delete(root, true);

    private AnalysisSettings Settings(string output) => new() { Output = Path.Combine(root, output), Threads = 2, Nuclei = false };

    private static JsonObject Run(AnalysisSettings settings, SlideInput? input = null, SilentLog? log = null, params PatchMapModel[] maps)
    {
        using var analysis = new SlideAnalysis(settings, null, log ?? new SilentLog(), maps: maps);
        return analysis.Run(input ?? new SlideInput(Address), CancellationToken.None);
    }

    private static PatchMapModel[] Both() => [ColourClassifier.Model(PatchTask.Til), ColourClassifier.Model(PatchTask.Tumor)];

    private static string File(AnalysisSettings settings, string name, string slide = Name) => Path.Combine(settings.Output, slide, name);

    private static SortedDictionary<string, string> Hashes(AnalysisSettings settings) => new(
        Directory.EnumerateFiles(Path.Combine(settings.Output, Name)).Where(f => Path.GetFileName(f) != "provenance.json").ToDictionary(f => Path.GetFileName(f), InputFingerprint.Sha256), StringComparer.Ordinal);

    [Fact]
    public void Run_BothMaps_TablesHoldWhatTheNetworkSays_AndTheSummaryCountsThem()
    {
        var settings = Settings("both") with { GeoJson = true };
        var summary = Run(settings, maps: Both());

        // 0.25 um per pixel: 200 and 350 px.
        foreach (var (task, side) in (ReadOnlySpan<(PatchTask, int)>)[(PatchTask.Til, 200), (PatchTask.Tumor, 350)])
        {
            string[] lines = System.IO.File.ReadAllLines(File(settings, task.Name + ".csv"));
            Assert.Equal($"minx,miny,width,height,prob_Other,prob_{task.Positive}", lines[0]);
            Assert.True(lines.Length > 20);
            using var slide = Slide.Open(Address);
            var tissue = TissueMask.FromGeoJson(slide, File(settings, "tissue.geojson"));
            var model = ColourClassifier.Model(task);
            using var network = model.CreateNetwork();
            int positive = 0;
            foreach (string[] cells in lines.Skip(1).Select(l => l.Split(',')))
            {
                var (x, y) = (long.Parse(cells[0], CultureInfo.InvariantCulture), long.Parse(cells[1], CultureInfo.InvariantCulture));
                Assert.Equal((side.ToString(CultureInfo.InvariantCulture), cells[2]), (cells[2], cells[3]));
                Assert.True(tissue.Contains(new Level0Point(x + (side / 2.0), y + (side / 2.0))));
                var (patch, input) = (new RgbImage(side, side), new RgbImage(network.InputWidth, network.InputHeight));
                slide.ReadRegion(new LevelRect(0, x, y, side, side), patch);
                network.Prepare(patch, input);
                float[] answer = new float[2];
                network.Predict([input], answer);
                Assert.Equal(answer[1], float.Parse(cells[5], CultureInfo.InvariantCulture));
                positive += answer[1] >= 0.3f ? 1 : 0;
            }

            Assert.Equal(lines.Length - 1, (int)summary[task.Name + "_patches"]!);
            Assert.Equal(positive, (int)summary[task.Name + "_positive_patches"]!);
            Assert.InRange(positive, 1, lines.Length - 2);
            Assert.Equal((double)positive / (lines.Length - 1), (double)summary[task.Name + "_fraction"]!, 5);
            Assert.Equal(positive * side * side * 0.0625 / 1e6, (double)summary[task.Name + "_area_mm2"]!, 4);
            using var geojson = JsonDocument.Parse(System.IO.File.ReadAllText(File(settings, task.Name + ".geojson")));
            var first = geojson.RootElement.GetProperty("features")[0];
            Assert.Equal(lines.Length - 1, geojson.RootElement.GetProperty("features").GetArrayLength());
            Assert.Equal("tile", first.GetProperty("properties").GetProperty("objectType").GetString());
            Assert.True(first.GetProperty("properties").GetProperty("isLocked").GetBoolean());
            string[] row = lines[1].Split(',');
            Assert.Equal(double.Parse(row[5], CultureInfo.InvariantCulture), first.GetProperty("properties").GetProperty("measurements").GetProperty("prob_" + task.Positive).GetDouble(), 4);
            // From the upper right corner on, closed.
            double left = double.Parse(row[0], CultureInfo.InvariantCulture), top = double.Parse(row[1], CultureInfo.InvariantCulture);
            Assert.Equal(
                [(left + side, top), (left + side, top + side), (left, top + side), (left, top), (left + side, top)],
                first.GetProperty("geometry").GetProperty("coordinates")[0].EnumerateArray().Select(v => (v[0].GetDouble(), v[1].GetDouble())));
        }

        // The same figures as 'til align' on the two tables.
        var alignment = MapAlignment.Align(PatchMap.From(PatchTable.Read(File(settings, "tumor.csv")), 1), PatchMap.From(PatchTable.Read(File(settings, "til.csv")), 1), new AlignmentOptions { TumorThreshold = 0.3, TilThreshold = 0.3 });
        Assert.Equal(alignment.Statistics.PercentPositive!.Value, (double)summary["til_fraction_in_tumor"]!, 5);
        var counts = CombinedMap.Read(File(settings, "tumor-til-map.png")).Count();
        Assert.Equal(counts.Tumor, (long)summary["combined_tumor_patches"]!);
        Assert.Equal(counts.TumorAndTil, (long)summary["combined_tumor_and_til_patches"]!);
        Assert.Contains("The til model is a toy.", summary["warnings"]!.AsArray().Select(w => (string)w!));
        string page = System.IO.File.ReadAllText(File(settings, "report.html"));
        foreach (string word in (string[])["Tumor and lymphocytes", "Colours as published", "The tumor model is a toy."])
            Assert.Contains(word, page, StringComparison.Ordinal);
        foreach (string picture in (string[])["til.png", "tumor.png", "tumor-til.png"])
            Assert.Equal(1400, ImageFile.ReadRgb(File(settings, picture)).Width);
    }

    [Fact]
    public void Run_OtherThreadsAndBatch_GivesTheSameBytes()
    {
        var (one, many) = (Settings("one") with { Threads = 1, PatchBatchSize = 1 }, Settings("many") with { Threads = 4, PatchBatchSize = 7 });
        Run(one, maps: Both());
        Run(many, maps: Both());
        Assert.Equal(Hashes(one), Hashes(many));
    }

    [Theory]
    [InlineData(3)]
    [InlineData(9)]
    public void Run_StoppedAndRunAgain_GivesTheBytesOfAnUndisturbedRun(int call)
    {
        var (whole, broken) = (Settings("whole"), Settings("broken"));
        Run(whole, maps: Both());
        Assert.Throws<IOException>(() => Run(broken, maps: [ColourClassifier.Model(PatchTask.Til, new ColourNetwork.Counter { FailAt = call }), ColourClassifier.Model(PatchTask.Tumor)]));
        Assert.False(System.IO.File.Exists(File(broken, "til.csv")));
        var log = new SilentLog();
        Run(broken, log: log, maps: Both());
        Assert.Equal(Hashes(whole), Hashes(broken));
        if (call == 9)
            Assert.Contains(log.Lines, l => l.Contains("were done by an earlier run", StringComparison.Ordinal));
    }

    [Fact]
    public void Run_AgainWithAnotherThreshold_ClassifiesNothing_ButCountsAnew()
    {
        var settings = Settings("threshold");
        var counter = new ColourNetwork.Counter();
        int first = (int)Run(settings, maps: [ColourClassifier.Model(PatchTask.Til, counter)])["til_positive_patches"]!;
        int calls = counter.Calls;

        int second = (int)Run(settings, maps: [ColourClassifier.Model(PatchTask.Til, counter, threshold: 0.05)])["til_positive_patches"]!;

        Assert.Equal(calls, counter.Calls);
        Assert.True(second > first, $"{second} of {first}");
    }

    [Theory]
    [InlineData(0.2325, 215, 376)]
    [InlineData(0.5, 100, 175)]
    [InlineData(0.2325581395348837, 215, 376)]
    public void Run_OtherPixelSizes_PatchesKeepTheirMicrons(double mpp, int til, int tumor)
    {
        var settings = Settings("mpp");
        Run(settings, new SlideInput(Address, mpp), maps: Both());

        Assert.EndsWith($",{til},{til}", string.Join(',', System.IO.File.ReadLines(File(settings, "til.csv")).ElementAt(1).Split(',').Take(4)), StringComparison.Ordinal);
        Assert.EndsWith($",{tumor},{tumor}", string.Join(',', System.IO.File.ReadLines(File(settings, "tumor.csv")).ElementAt(1).Split(',').Take(4)), StringComparison.Ordinal);
    }

    [Fact]
    public void Run_SlideOfGlass_HasTablesWithoutRows_AndSaysSo()
    {
        string picture = Path.Combine(root, "glass.png");
        var white = new RgbImage(900, 700);
        white.Pixels.AsSpan().Fill(245);
        ImageFile.WritePng(picture, white);
        var settings = Settings("glass");

        var summary = Run(settings, new SlideInput(picture, 0.25), maps: Both());

        Assert.Equal(0, (int)summary["til_patches"]!);
        Assert.Null(summary["til_fraction"]);
        Assert.Null(summary["til_fraction_in_tumor"]);
        Assert.Single(System.IO.File.ReadAllLines(File(settings, "til.csv", "glass")));
        Assert.Contains(summary["warnings"]!.AsArray(), w => ((string)w!).Contains("there is no tissue to judge", StringComparison.Ordinal));
        Assert.True(System.IO.File.Exists(File(settings, "tumor-til.png", "glass")));
        Assert.False(System.IO.File.Exists(File(settings, "tumor-til-map.png", "glass")));
    }

    [Fact]
    public void Run_NothingPositive_SaysSo_AndHasNoShareInTumor()
    {
        var settings = Settings("negative");
        var summary = Run(settings, maps: [ColourClassifier.Model(PatchTask.Til, factor: 0), ColourClassifier.Model(PatchTask.Tumor, factor: 0)]);

        Assert.Equal(0, (double)summary["tumor_area_mm2"]!);
        Assert.Null(summary["til_fraction_in_tumor"]);
        Assert.Contains(summary["warnings"]!.AsArray(), w => ((string)w!).Contains("no patch reaches the threshold", StringComparison.Ordinal));
    }

    [Fact]
    public void Batch_ModelThatCannotAnswerForOneSlide_IsARowAndTheRestIsDone()
    {
        var settings = Settings("batch");
        var counter = new ColourNetwork.Counter { Fails = static call => call == 1 ? new ModelException("the network answers NaN, NaN to patch 3 of 8, which is not a probability.") : null };
        var batch = new BatchAnalysis(settings, null, new SilentLog(), [ColourClassifier.Model(PatchTask.Til, counter)]);
        Assert.Throws<PartialFailureException>(() => batch.Run([new SlideInput(Address), new SlideInput("synthetic:1200x900")], CancellationToken.None));
        var rows = JsonNode.Parse(System.IO.File.ReadAllText(Path.Combine(settings.Output, "summary.json")))!["slides"]!.AsArray();
        Assert.Equal(2, rows.Count);
        Assert.Contains($"{Address}: the network answers NaN", (string)rows.Single(r => r!["error"] is not null)!["error"]!, StringComparison.Ordinal);
        Assert.True(System.IO.File.Exists(Path.Combine(settings.Output, "synthetic-1200x900", "til.csv")));
        Assert.False(System.IO.File.Exists(File(settings, "til.csv")));

        // Alone, it is the reason why the command fails.
        counter = new ColourNetwork.Counter { Fails = static _ => new ModelException("the network answers NaN") };
        batch = new BatchAnalysis(Settings("alone"), null, new SilentLog(), [ColourClassifier.Model(PatchTask.Til, counter)]);
        Assert.Throws<SlideException>(() => batch.Run([new SlideInput(Address)], CancellationToken.None));
    }

    [Fact]
    public void Batch_ModelThatCannotBeOpened_IsNoFaultOfTheSlides()
    {
        int opened = 0;
        var model = ColourClassifier.Model(PatchTask.Til) with { CreateNetwork = () => throw new ModelException($"opened {++opened}") };
        var batch = new BatchAnalysis(Settings("closed"), null, new SilentLog(), [model]);
        Assert.Throws<ModelException>(() => batch.Run([new SlideInput(Address), new SlideInput("synthetic:1200x900")], CancellationToken.None));
        Assert.Equal(1, opened);
    }
}
