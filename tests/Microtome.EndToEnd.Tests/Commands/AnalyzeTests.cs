using System.Diagnostics;
using System.Text.Json;

namespace Microtome.EndToEnd.Tests;

public class AnalyzeTests
{
    // A quarter of a square millimetre in two pieces: long enough to be killed in every stage, short enough for the suite.
    private const string Slide = "synthetic:3000x2000";

    [Fact]
    public void Demo_WritesTheReport_AndSaysWhere()
    {
        using var folder = new TemporaryFolder();

        var outcome = MicrotomeProgram.Run("demo", "-o", folder["out"]);

        Assert.True(outcome.ExitCode == 0, outcome.Error);
        var results = folder["out", "cmu-1-small-region"];
        Assert.Contains(Path.Combine(results, "report.html"), outcome.Out, StringComparison.Ordinal);
        foreach (var file in (string[])["provenance.json", "summary.json", "thumbnail.jpg", "tissue.png", "tissue.geojson", "nuclei.gpkg", "report.html"])
            Assert.True(new FileInfo(Path.Combine(results, file)).Length > 0, file);
        using var summary = JsonDocument.Parse(File.ReadAllText(Path.Combine(results, "summary.json")));
        Assert.InRange(summary.RootElement.GetProperty("tissue_area_mm2").GetDouble(), 0.5, 1.64);
        Assert.InRange(summary.RootElement.GetProperty("nuclei_count").GetInt64(), 1000, 20000);
        Assert.DoesNotContain("http://", File.ReadAllText(Path.Combine(results, "report.html")).Replace("http://www.w3.org", string.Empty, StringComparison.Ordinal), StringComparison.Ordinal);
    }

    [Fact]
    public void Analyze_OneGoodAndOneMissingSlide_FinishesTheGood_Exit4()
    {
        using var folder = new TemporaryFolder();

        var outcome = MicrotomeProgram.Run("analyze", Slide, folder["missing.svs"], "--only", "tissue", "-o", folder["out"]);

        Assert.Equal(4, outcome.ExitCode);
        Assert.Contains("missing.svs", outcome.Error, StringComparison.Ordinal);
        Assert.Single(Directory.EnumerateFiles(folder["out"], "report.html", SearchOption.AllDirectories));
    }

    [Fact]
    public void Analyze_KilledAtRandomMoments_ThenRunAgain_GivesTheSameBytes()
    {
        using var folder = new TemporaryFolder();
        var clock = Stopwatch.StartNew();
        var undisturbed = MicrotomeProgram.Run("analyze", Slide, "-o", folder["whole"]);
        Assert.True(undisturbed.ExitCode == 0, undisturbed.Error);
        var length = clock.Elapsed;

        var random = new Random(7);
        for (var i = 0; i < 4; i++)
        {
            var process = MicrotomeProgram.StartProgram("analyze", Slide, "-o", folder["killed"]);
            Thread.Sleep(length * random.NextDouble());
            process.Kill();
            MicrotomeProgram.Wait(process);
        }

        var rerun = MicrotomeProgram.Run("analyze", Slide, "-o", folder["killed"]);

        Assert.True(rerun.ExitCode == 0, rerun.Error);
        Assert.Equal(Results(folder["whole"]), Results(folder["killed"]));
    }

    [Fact]
    public void Analyze_TwiceAtOnceOnOneOutput_OneWaitsOrIsTold_AndTheResultIsWhole()
    {
        using var folder = new TemporaryFolder();
        Assert.Equal(0, MicrotomeProgram.Run("analyze", Slide, "-o", folder["whole"]).ExitCode);

        var runs = Enumerable.Range(0, 2).Select(_ => MicrotomeProgram.StartProgram("analyze", Slide, "-o", folder["shared"])).ToList();
        var outcomes = runs.ConvertAll(MicrotomeProgram.Wait);

        Assert.Contains(outcomes, static o => o.ExitCode == 0);
        Assert.All(outcomes, static o => Assert.True(o.ExitCode == 0 || (o.ExitCode == 3 && o.Error.Contains("another run", StringComparison.Ordinal)), o.Error));
        Assert.Equal(Results(folder["whole"]), Results(folder["shared"]));
    }

    [Fact]
    public void Analyze_OnAFullDisk_IsExplained_AndCompletesLater()
    {
        using var folder = new TemporaryFolder();

        var outcome = MicrotomeProgram.Shell("ulimit -f 4; DOTNET_EnableWriteXorExecute=0 exec \"$MICROTOME\" analyze \"$1\" --only tissue -o \"$2\"", Slide, folder["out"]);

        Assert.Equal(3, outcome.ExitCode);
        Assert.Contains("No space is left", outcome.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", outcome.Error, StringComparison.Ordinal);
        Assert.Equal(0, MicrotomeProgram.Run("analyze", Slide, "--only", "tissue", "-o", folder["out"]).ExitCode);
        Assert.Equal(0, MicrotomeProgram.Run("analyze", Slide, "--only", "tissue", "-o", folder["whole"]).ExitCode);
        Assert.Equal(Results(folder["whole"]), Results(folder["out"]));
    }

    [Fact]
    public void Analyze_WithoutPixelSize_NamesTheOption_Exit3()
    {
        using var folder = new TemporaryFolder();
        Assert.Equal(0, MicrotomeProgram.Run("slide", "thumbnail", MicrotomeProgram.Sample, "-o", folder["field.png"]).ExitCode);

        var outcome = MicrotomeProgram.Run("analyze", folder["field.png"], "-o", folder["out"]);

        Assert.Equal(3, outcome.ExitCode);
        Assert.Contains("--mpp", outcome.Error, StringComparison.Ordinal);
        Assert.InRange(outcome.ErrorLines.Length, 1, 3);
    }

    // Everything but what says when and how long: the provenance, and the page that prints it.
    private static string[] Results(string folder) => TemporaryFolder.Fingerprint(folder, "provenance.json", "report.html", "lock", "lock.json");
}
