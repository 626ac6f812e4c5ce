using System.IO.Compression;
using System.Security.Cryptography;
using System.Text.Json.Nodes;

namespace Microtome.EndToEnd.Tests;

/// <summary>What is made of a finished cohort: data sets, a report, answers.</summary>
public sealed class CohortExportTests : IClassFixture<CohortExportTests.Finished>
{
    private readonly Finished finished;

    public CohortExportTests(Finished finished) => this.finished = finished;

    [Fact]
    public void Export_AllFormats_AgreeOnTheNuclei_AndLeaveRejectedOut()
    {
        string target = finished.Folder["data set"];
        var outcome = MicrotomeProgram.Run("cohort", "export", finished.Ledger, "-o", target, "--format", "quip,gpkg,geojson,coco");
        Assert.True(outcome.ExitCode == 0, outcome.Error);
        var manifest = JsonNode.Parse(File.ReadAllText(Path.Combine(target, "manifest.json")))!;
        Assert.Equal(2, (int)manifest["totals"]!["slides"]!);
        Assert.Equal("synthetic-901x900", (string)manifest["excluded"]![0]!["slide"]!);
        Assert.Equal("Ada", (string)manifest["excluded"]![0]!["reviewer"]!);
        foreach (var slide in manifest["slides"]!.AsArray())
        {
            long nuclei = (long)slide!["nuclei"]!, rows = 0;
            Assert.True(nuclei > 0);
            foreach (var file in slide["files"]!.AsArray())
            {
                string path = Path.Combine(target, (string)file!["path"]!);
                byte[] bytes = File.ReadAllBytes(path);
                Assert.Equal((long)file["bytes"]!, bytes.Length);
                Assert.Equal((string)file["sha256"]!, Convert.ToHexStringLower(SHA256.HashData(bytes)));
                if (path.EndsWith("-features.csv", StringComparison.Ordinal))
                    rows += File.ReadLines(path).Count() - 1;
                if (path.Contains("/coco/", StringComparison.Ordinal))
                    Assert.Equal(nuclei, Unpacked(bytes)["annotations"]!.AsArray().Count);
                if (path.Contains("/geojson/", StringComparison.Ordinal))
                    Assert.Equal(nuclei, Unpacked(bytes)["features"]!.AsArray().Count);
            }

            Assert.Equal(nuclei, rows);
        }

        // A second run writes nothing; another set of formats removes what it does not have.
        var stamps = Directory.EnumerateFiles(target, "*", SearchOption.AllDirectories).Where(f => !f.EndsWith("manifest.json", StringComparison.Ordinal)).ToDictionary(f => f, File.GetLastWriteTimeUtc, StringComparer.Ordinal);
        CohortFolder.Succeeds("cohort", "export", finished.Ledger, "-o", target, "--format", "quip,gpkg,geojson,coco");
        Assert.All(stamps, s => Assert.Equal(s.Value, File.GetLastWriteTimeUtc(s.Key)));
    }

    [Fact]
    public void Export_Coco_IsWhatTheFormatSays()
    {
        string target = finished.Folder["coco"];
        CohortFolder.Succeeds("cohort", "export", finished.Ledger, "-o", target, "--format", "coco", "--with-rejected", "--type", "LUAD");
        var data = Unpacked(File.ReadAllBytes(Path.Combine(target, "coco", "LUAD", "synthetic-901x900.json.gz")));
        Assert.Equal((901, 900), ((int)data["images"]![0]!["width"]!, (int)data["images"]![0]!["height"]!));
        var ids = new HashSet<long>();
        foreach (var a in data["annotations"]!.AsArray())
        {
            double[] ring = [.. a!["segmentation"]![0]!.AsArray().Select(v => (double)v!)], box = [.. a["bbox"]!.AsArray().Select(v => (double)v!)];
            Assert.True(ids.Add((long)a["id"]!));
            double[] xs = [.. ring.Where((_, i) => i % 2 == 0)], ys = [.. ring.Where((_, i) => i % 2 == 1)];
            Assert.Equal<double>(box, (double[])[Math.Round(xs.Min(), 2), Math.Round(ys.Min(), 2), Math.Round(xs.Max() - xs.Min(), 2), Math.Round(ys.Max() - ys.Min(), 2)]);
            Assert.InRange((double)a["area"]!, 0.3 * box[2] * box[3], 1.3 * box[2] * box[3]);
            Assert.Contains(data["categories"]!.AsArray(), c => (int)c!["id"]! == (int)a["category_id"]!);
        }
    }

    [Fact]
    public void Export_Tar_IsTheSameForTwoRuns()
    {
        foreach (string target in (string[])["tar 1", "tar 2"])
            CohortFolder.Succeeds("cohort", "export", finished.Ledger, "-o", finished.Folder[target], "--tar");
        Assert.Equal(TemporaryFolder.Fingerprint(finished.Folder["tar 1"]), TemporaryFolder.Fingerprint(finished.Folder["tar 2"]));
        var listing = MicrotomeProgram.Shell("tar tzf \"$1\"", finished.Folder["tar 1", "quip", "BRCA_polygon", "synthetic-900x900.tar.gz"]);
        Assert.Contains("synthetic-900x900/finish", listing.Out, StringComparison.Ordinal);
    }

    [Fact]
    public void Report_NamesTypesRejectedAndFailed()
    {
        string page = finished.Folder["report.html"];
        var totals = JsonNode.Parse(MicrotomeProgram.Run("cohort", "report", finished.Ledger, "-o", page, "--json").Out)!;
        Assert.Equal((4, 3, 1, 1), ((int)totals["slides"]!, (int)totals["done"]!, (int)totals["failed"]!, (int)totals["rejected"]!));
        string text = File.ReadAllText(page);
        Assert.Contains("folded over", text, StringComparison.Ordinal);
        Assert.Contains("broken.svs cannot be opened", text, StringComparison.Ordinal);
        Assert.Contains("href=\"out/synthetic-900x900/report.html\"", text, StringComparison.Ordinal);
        Assert.DoesNotContain("<script", text, StringComparison.Ordinal);
        Assert.DoesNotContain("http", text, StringComparison.Ordinal);
    }

    [Fact]
    public void Query_SlidesAndNuclei_AgreeWithTheManifestsNumbers()
    {
        var slides = JsonNode.Parse(MicrotomeProgram.Run("cohort", "query", finished.Ledger, "select type, sum(nuclei_count) n from slides where state = 'done' group by type order by type", "--json").Out)!["rows"]!.AsArray();
        var nuclei = JsonNode.Parse(MicrotomeProgram.Run("cohort", "query", finished.Ledger, "select type, sum(n) n from rows group by type order by type", "--each", "select count(*) n from nuclei", "--with-rejected", "--json").Out)!["rows"]!.AsArray();
        Assert.Equal(["BRCA", "LUAD"], slides.Select(r => (string)r!["type"]!));
        Assert.Equal(slides.ToJsonString(), nuclei.ToJsonString());
        string csv = MicrotomeProgram.Run("cohort", "query", finished.Ledger, "select slide, reason from slides where state = 'failed'").Out;
        Assert.StartsWith("slide,reason\nbroken,", csv, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("delete from slides", "only read")]
    [InlineData("attach 'x.db' as x", "only read")]
    [InlineData("pragma writable_schema = 1", "only read")]
    [InlineData("select 1; drop table slides", "more than one statement")]
    [InlineData("select x from nowhere", "no such table")]
    [InlineData("sel", "syntax error")]
    public void Query_ThatIsWrong_IsExplained(string sql, string says)
    {
        var outcome = MicrotomeProgram.Run("cohort", "query", finished.Ledger, sql);
        Assert.Equal(2, outcome.ExitCode);
        Assert.Contains(says, outcome.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("cohort export {0} -o x --format png", "--format 'png'")]
    [InlineData("cohort export {0}", "--output is missing")]
    [InlineData("cohort export {0} -o x --type NONE", "no finished slides of type 'NONE'")]
    [InlineData("cohort verdict {0} synthetic-900x900 perfect", "'perfect' is no verdict")]
    [InlineData("cohort verdict {0} nobody bad", "no item 'nobody'")]
    [InlineData("cohort query {0}", "There is no question")]
    public void WrongUsage_IsExplained(string line, string says)
    {
        var outcome = MicrotomeProgram.Run([.. line.Split(' ').Select(w => w == "{0}" ? finished.Ledger : w)]);
        Assert.Equal(2, outcome.ExitCode);
        Assert.Contains(says, outcome.Error, StringComparison.Ordinal);
    }

    private static JsonNode Unpacked(byte[] bytes)
    {
        using var gzip = new GZipStream(new MemoryStream(bytes), CompressionMode.Decompress);
        return JsonNode.Parse(gzip)!;
    }

    /// <summary>Three finished slides, one of them rejected by a person, and one that failed.</summary>
    public sealed class Finished : IDisposable
    {
        public Finished()
        {
            File.WriteAllText(Folder["broken.svs"], "this is no slide");
            File.WriteAllLines(Folder["slides.csv"], ["slide,patient,type", "synthetic:900x900?tissue=0.5,p1,BRCA", "synthetic:901x900?tissue=0.5,p2,LUAD", "synthetic:902x900?tissue=0.5,p2,LUAD", "broken.svs,p3,BRCA"]);
            CohortFolder.Succeeds("cohort", "create", Ledger, Folder["slides.csv"], "-o", Folder["out"], "--only", "tissue,nuclei");
            Assert.Equal(4, MicrotomeProgram.Run("cohort", "run", Ledger).ExitCode);
            foreach (string slide in (string[])["synthetic-900x900", "synthetic-902x900"])
                CohortFolder.Succeeds("cohort", "verdict", Ledger, slide, "good", "--who", "Ada");
            CohortFolder.Succeeds("cohort", "verdict", Ledger, "synthetic-901x900", "acceptable", "--who", "Ada");
            CohortFolder.Succeeds("cohort", "verdict", Ledger, "synthetic-901x900", "bad", "--who", "Ada", "--reason", "folded over");
        }

        public TemporaryFolder Folder { get; } = new();

        public string Ledger => Folder["cohort.db"];

        public void Dispose() => Folder.Dispose();
    }
}
