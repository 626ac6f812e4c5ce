using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;

namespace Microtome.Server.Tests;

public sealed class CatalogApiTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task Table_QuotesAndDefusesFormulas()
    {
        SlideResults.Make(folder.Path, "=HYPERLINK(\"x\",1)", summary: new JsonObject { ["b"] = 0.1, ["a,c"] = -2 });
        SlideResults.Make(folder.Path, "@b, c", summary: new JsonObject { ["b"] = 1e-7, ["text"] = "no number" });
        SlideResults.Make(folder.Path, "-1+1");
        SlideResults.Make(folder.Path, "plain", summary: []);
        await using var server = await RunningServer.StartAsync(new ServerOptions { Results = [folder.Path] });

        string[] lines = Encoding.UTF8.GetString(await server.BytesAsync("/api/slides.csv")).Split('\n');

        string group = System.IO.Path.GetFileName(folder.Path);
        Assert.Equal(
            [
                "group,slide,error,\"a,c\",b,til_threshold",
                $"{group},'-1+1,,NA,NA,0.4",
                $"{group},\"'=HYPERLINK(\"\"x\"\",1)\",,-2,0.1,NA",
                $"{group},\"'@b, c\",,NA,1E-07,NA",
                $"{group},plain,,NA,NA,NA",
                string.Empty,
            ],
            lines);
    }

    [Fact]
    public async Task Files_AreThoseOfTheList_WithRangesAndTags()
    {
        string results = SlideResults.Make(folder.Path, "a", maps: true);
        File.WriteAllText(Path.Combine(results, "private.txt"), "secret");
        await using var server = await RunningServer.StartAsync(new ServerOptions { Results = [folder.Path] });
        byte[] whole = File.ReadAllBytes(Path.Combine(results, "til.csv"));
        string[] files = [.. (await server.JsonAsync("/api/slides/a"))["files"]!.AsArray().Select(static f => (string)f!)];

        Assert.Equal(["summary.json", "provenance.json", "til.csv", "tumor.csv", "tumor-til-map.png"], files);
        Assert.Equal(whole, await server.BytesAsync("/api/slides/a/files/til.csv"));
        Assert.Equal(HttpStatusCode.NotFound, (await server.FailureAsync("/api/slides/a/files/private.txt")).Status);
        using var part = new HttpRequestMessage(HttpMethod.Get, "/api/slides/a/files/til.csv") { Headers = { Range = new RangeHeaderValue(10, 19) } };
        using var answer = await server.Client.SendAsync(part);
        Assert.Equal(HttpStatusCode.PartialContent, answer.StatusCode);
        Assert.Equal(whole[10..20], await answer.Content.ReadAsByteArrayAsync());
        Assert.Equal($"bytes 10-19/{whole.Length}", answer.Content.Headers.ContentRange!.ToString());
        using var beyond = new HttpRequestMessage(HttpMethod.Get, "/api/slides/a/files/til.csv") { Headers = { Range = new RangeHeaderValue(1 << 20, null) } };
        using var refused = await server.Client.SendAsync(beyond);
        Assert.Equal(HttpStatusCode.RequestedRangeNotSatisfiable, refused.StatusCode);
        using var again = new HttpRequestMessage(HttpMethod.Get, "/api/slides/a/files/til.csv") { Headers = { IfNoneMatch = { answer.Headers.ETag! } } };
        using var same = await server.Client.SendAsync(again);
        Assert.Equal(HttpStatusCode.NotModified, same.StatusCode);
    }

    [Theory]
    [InlineData("/health")]
    [InlineData("/api/slides")]
    [InlineData("/api/slides.csv")]
    [InlineData("/api/slides/a")]
    [InlineData("/api/slides/a/thumbnail")]
    [InlineData("/api/slides/a/files/til.csv")]
    [InlineData("/api/slides/a/maps/til")]
    [InlineData("/api/slides/a/maps/classes.png")]
    [InlineData("/api/slides/a/annotations")]
    [InlineData("/api/slides/nothing")]
    [InlineData("/openapi/v1.json")]
    public async Task Head_IsGetWithoutItsBody(string address)
    {
        SlideResults.Make(folder.Path, "a", maps: true);
        await using var server = await ListeningServer.StartAsync(new ServerOptions { Results = [folder.Path] });

        using var get = await server.Client.GetAsync(address);
        using var request = new HttpRequestMessage(HttpMethod.Head, address);
        using var head = await server.Client.SendAsync(request);

        Assert.Equal(get.StatusCode, head.StatusCode);
        Assert.Equal(get.Content.Headers.ContentType, head.Content.Headers.ContentType);
        Assert.Equal(get.Headers.ETag, head.Headers.ETag);
        Assert.NotEmpty(await get.Content.ReadAsByteArrayAsync());
        Assert.Empty(await head.Content.ReadAsByteArrayAsync());
    }
}
