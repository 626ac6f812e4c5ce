using System.Net;
using System.Text.Json.Nodes;
using Microtome.Imaging;

namespace Microtome.Server.Tests;

public sealed class ResultCatalogTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task List_OfAFolderOfFolders_HasEverySlideAndWhatFailed()
    {
        SlideResults.Make(folder.Path, "a", summary: new JsonObject { ["til_fraction"] = 0.25, ["slide"] = "a", ["tissue_area_mm2"] = 3 });
        SlideResults.Make(folder.Path, "b");
        Directory.CreateDirectory(folder["no results"]);
        SlideResults.Make(folder.Path, ".hidden");
        File.WriteAllText(folder["summary.json"], """{"slides":[{"slide":"a"},{"slide":"broken","error":"it is empty"},{"slide":"b","error":"later"},7,{"error":"nameless"}]}""");
        await using var server = await RunningServer.StartAsync(new ServerOptions { Results = [folder.Path] });

        var slides = await Slides(server);

        Assert.Equal(["a", "b", "broken"], slides.Select(Name));
        Assert.Equal((0.25, 3.0, 2), ((double)slides[0]["numbers"]!["til_fraction"]!, (double)slides[0]["numbers"]!["tissue_area_mm2"]!, slides[0]["numbers"]!.AsObject().Count));
        Assert.Equal([null, "later", "it is empty"], slides.Select(s => (string?)s["error"]));
        Assert.Equal("it is empty", (string?)(await server.JsonAsync("/api/slides/broken"))["error"]);
    }

    [Fact]
    public async Task List_OfOneSlidesFolder_IsThatSlide()
    {
        string results = SlideResults.Make(folder.Path, "a");
        SlideResults.Make(folder.Path, "b");
        await using var server = await RunningServer.StartAsync(new ServerOptions { Results = [results] });

        Assert.Equal(["a"], (await Slides(server)).Select(Name));
    }

    [Fact]
    public async Task List_OfTwoFoldersWithTheSameNames_TellsThemApart()
    {
        SlideResults.Make(folder["one"], "a");
        SlideResults.Make(folder["two"], "a");
        await using var server = await RunningServer.StartAsync(new ServerOptions { Results = [folder["one"], folder["two"]] });

        var slides = await Slides(server);

        Assert.Equal([("a", "one"), ("a~2", "two")], slides.Select(s => ((string)s["id"]!, (string)s["group"]!)));
        Assert.Equal("a", Name(await server.JsonAsync("/api/slides/a~2")));
    }

    [Fact]
    public async Task List_DoesNotFollowSymbolicLinks()
    {
        SlideResults.Make(folder["elsewhere"], "secret");
        SlideResults.Make(folder["out"], "a");
        Directory.CreateSymbolicLink(Path.Combine(folder["out"], "link"), Path.Combine(folder["elsewhere"], "secret"));
        File.WriteAllText(folder["secret.csv"], "minx,miny,width,height,prob_x\n0,0,1,1,1\n");
        File.CreateSymbolicLink(Path.Combine(folder["out"], "a", "til.csv"), folder["secret.csv"]);
        await using var server = await RunningServer.StartAsync(new ServerOptions { Results = [folder["out"]] });

        Assert.Equal(["a"], (await Slides(server)).Select(Name));
        Assert.Equal(HttpStatusCode.NotFound, (await server.FailureAsync("/api/slides/a/files/til.csv")).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await server.FailureAsync("/api/slides/a/maps/til")).Status);
    }

    [Fact]
    public async Task Detail_WhenTheSlideChangedOrIsGone_SaysSo_AndANamedOneIsShown()
    {
        string slide = folder["s.png"];
        ImageFile.WritePng(slide, new RgbImage(64, 48));
        SlideResults.Make(folder["out"], "s", slide);
        await using (var server = await RunningServer.StartAsync(new ServerOptions { Results = [folder["out"]] }))
        {
            var detail = await server.JsonAsync("/api/slides/s");
            Assert.True((bool)detail["has_image"]!);
            Assert.Equal(64, (int)detail["width"]!);
        }

        ImageFile.WritePng(slide, new RgbImage(65, 48));
        await using (var server = await RunningServer.StartAsync(new ServerOptions { Results = [folder["out"]] }))
            Assert.Contains("is not the file that was analysed", (string)(await server.JsonAsync("/api/slides/s"))["image_problem"]!, StringComparison.Ordinal);
        await using (var server = await RunningServer.StartAsync(new ServerOptions { Results = [folder["out"]], Slides = [slide] }))
            Assert.Equal(65, (int)(await server.JsonAsync("/api/slides/s"))["width"]!);
        File.Delete(slide);
        await using (var server = await RunningServer.StartAsync(new ServerOptions { Results = [folder["out"]] }))
            Assert.Contains("no longer there", (string)(await server.JsonAsync("/api/slides/s"))["image_problem"]!, StringComparison.Ordinal);
    }

    [Fact]
    public async Task List_SeesResultsThatAppearChangeAndGo()
    {
        SlideResults.Make(folder.Path, "a");
        await using var server = await RunningServer.StartAsync(new ServerOptions { Results = [folder.Path] });
        Assert.Equal(["a"], (await Slides(server)).Select(Name));

        SlideResults.Make(folder.Path, "b");
        SlideResults.Make(folder.Path, "a", summary: new JsonObject { ["til_fraction"] = 0.75 });
        await Task.Delay(1200);
        var now = await Slides(server);
        Assert.Equal(["a", "b"], now.Select(Name));
        Assert.Equal(0.75, (double)now[0]["numbers"]!["til_fraction"]!);

        Directory.Delete(folder["b"], recursive: true);
        await Task.Delay(1200);
        Assert.Equal(["a"], (await Slides(server)).Select(Name));
        Assert.Equal(HttpStatusCode.NotFound, (await server.FailureAsync("/api/slides/b")).Status);
    }

    [Fact]
    public async Task All_WhenNothingChanged_IsTheSameList()
    {
        SlideResults.Make(folder["one"], "a");
        SlideResults.Make(folder["two"], "a");
        File.WriteAllText(folder["one/summary.json"], """{"slides":[{"slide":"broken","error":"it is empty"},{"slide":"a","error":"later"}]}""");
        await using var server = await ListeningServer.StartAsync(new ServerOptions { Results = [folder["one"], folder["two"]] });
        var catalog = (ResultCatalog)server.App.Services.GetService(typeof(ResultCatalog))!;

        var first = catalog.All;
        await Task.Delay(1200);

        Assert.Equal(3, first.Count);
        Assert.Same(first, catalog.All);
        SlideResults.Make(folder["two"], "b");
        await Task.Delay(1200);
        Assert.NotSame(first, catalog.All);
    }

    [Fact]
    public async Task Detail_AfterTheResultsChanged_IsNewAtOnce()
    {
        string results = SlideResults.Make(folder.Path, "a", summary: new JsonObject { ["til_fraction"] = 0.25 });
        await using var server = await RunningServer.StartAsync(new ServerOptions { Results = [folder.Path] });
        var before = await server.JsonAsync("/api/slides/a");

        File.WriteAllText(Path.Combine(results, "summary.json"), """{"til_fraction":0.125}""");
        var after = await server.JsonAsync("/api/slides/a");
        Directory.Delete(results, recursive: true);

        Assert.Equal((0.25, 0.125), ((double)before["summary"]!["til_fraction"]!, (double)after["summary"]!["til_fraction"]!));
        Assert.NotEqual((string?)before["version"], (string?)after["version"]);
        Assert.Equal(HttpStatusCode.NotFound, (await server.FailureAsync("/api/slides/a")).Status);
    }

    [Fact]
    public async Task Detail_WhenTheSlideGoesChangesOrComesBackWhileServing_JudgesItAgain()
    {
        string slide = folder["s.png"];
        ImageFile.WritePng(slide, new RgbImage(64, 48));
        byte[] bytes = File.ReadAllBytes(slide);
        SlideResults.Make(folder["out"], "s", slide);
        await using var server = await RunningServer.StartAsync(new ServerOptions { Results = [folder["out"]] });
        Assert.True((bool)(await server.JsonAsync("/api/slides/s"))["has_image"]!);

        File.Delete(slide);
        var gone = await server.JsonAsync("/api/slides/s");
        ImageFile.WritePng(slide, new RgbImage(65, 48));
        var other = await server.JsonAsync("/api/slides/s");
        File.WriteAllBytes(slide, bytes);
        var back = await server.JsonAsync("/api/slides/s");

        Assert.False((bool)gone["has_image"]!);
        Assert.Contains("no longer there", (string)gone["image_problem"]!, StringComparison.Ordinal);
        Assert.False((bool)other["has_image"]!);
        Assert.Contains("is not the file that was analysed", (string)other["image_problem"]!, StringComparison.Ordinal);
        Assert.True((bool)back["has_image"]!);
        Assert.Equal(64, (int)back["width"]!);
    }

    [Theory]
    [InlineData("{")]
    [InlineData("[]")]
    [InlineData("null")]
    [InlineData("""{"input":7,"mpp":"x"}""")]
    [InlineData("""{"input":{"path":7},"mpp":{"x":"a"}}""")]
    [InlineData("""{"warnings":[null,7],"slides":{}}""")]
    public async Task List_WithDamagedFiles_StillAnswers(string json)
    {
        string results = SlideResults.Make(folder.Path, "a");
        SlideResults.Make(folder.Path, "b");
        File.WriteAllText(Path.Combine(results, "provenance.json"), json);
        File.WriteAllText(Path.Combine(results, "summary.json"), json);
        File.WriteAllText(folder["summary.json"], json);
        await using var server = await RunningServer.StartAsync(new ServerOptions { Results = [folder.Path] });

        Assert.Equal(["a", "b"], (await Slides(server)).Select(Name));
        Assert.Equal("a", Name(await server.JsonAsync("/api/slides/a")));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task List_OfPublishedMaps_TakesThemAsTheyAre(bool listed)
    {
        string results = SlideResults.Make(folder["made"], "m", maps: true);
        string types = listed ? Path.Combine(folder["maps"], "PNGs") : folder["maps"];
        Directory.CreateDirectory(Path.Combine(types, "brca"));
        File.Copy(Path.Combine(results, "tumor-til-map.png"), Path.Combine(types, "brca", "X.png"));
        File.WriteAllText(Path.Combine(types, "brca", "fake.png"), "no picture");
        if (listed)
            File.WriteAllText(Path.Combine(folder["maps"], "dir.json"), """{"PNGs":{"brca":{"X.png":1234,"Y.png":7}}}""");
        await using var server = await RunningServer.StartAsync(new ServerOptions { Results = [folder["maps"]] });

        var slides = await Slides(server);

        Assert.Equal(listed ? ["X", "Y"] : ["X"], slides.Select(Name));
        Assert.All(slides, s => Assert.Equal("brca", (string)s["group"]!));
        if (listed)
            Assert.Contains("its file is not there", (string)slides[1]["error"]!, StringComparison.Ordinal);
        var detail = await server.JsonAsync("/api/slides/X");
        Assert.True((bool)detail["published"]!);
        Assert.Equal((SlideResults.Columns, SlideResults.Rows), ((int)detail["width"]!, (int)detail["height"]!));
        Assert.Equal(ImageFile.ReadRgb(Path.Combine(results, "tumor-til-map.png")).Pixels, await server.BytesAsync("/api/slides/X/maps/combined"));
    }

    [Theory]
    [InlineData("[]")]
    [InlineData("{\"PNGs\":[]}")]
    [InlineData("{\"PNGs\":{\"brca\":7}}")]
    [InlineData("{")]
    public async Task List_WithADamagedDirJson_ShowsTheFiles(string json)
    {
        string results = SlideResults.Make(folder["made"], "m", maps: true);
        Directory.CreateDirectory(folder["maps"]);
        File.Copy(Path.Combine(results, "tumor-til-map.png"), Path.Combine(folder["maps"], "X.png"));
        File.WriteAllText(Path.Combine(folder["maps"], "dir.json"), json);
        await using var server = await RunningServer.StartAsync(new ServerOptions { Results = [folder["maps"]] });

        Assert.Equal(["X"], (await Slides(server)).Select(Name));
    }

    [Fact]
    public void Create_WithAFolderThatIsNotThere_IsRefused() =>
        Assert.Contains("there is no such folder", Assert.Throws<UsageException>(() => ServerHost.Create(new ServerOptions { Results = [folder["nothing"]] })).Message, StringComparison.Ordinal);

    private static async Task<JsonNode[]> Slides(RunningServer server) => [.. (await server.JsonAsync("/api/slides"))["slides"]!.AsArray().Select(static s => s!)];

    private static string Name(JsonNode slide) => (string)slide["name"]!;
}
