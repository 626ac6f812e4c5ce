using System.Diagnostics;
using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Microtome.Server.Tests;

public sealed class EventTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public EventTests() => SlideResults.Make(folder.Path, "a");

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task Events_TellOfNewResultsAndOfProgress()
    {
        await using var server = await ListeningServer.StartAsync(new ServerOptions { Results = [folder.Path] });
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        using var answer = await server.Client.GetAsync("/api/events", HttpCompletionOption.ResponseHeadersRead, limit.Token);
        Assert.Equal("text/event-stream", answer.Content.Headers.ContentType!.MediaType);
        using var reader = new StreamReader(await answer.Content.ReadAsStreamAsync(limit.Token));
        // The first is told at once, or the page would not know that it is connected.
        Assert.Empty((await Next())["jobs"]!.AsArray());

        SlideResults.Make(folder.Path, "b");
        Assert.Equal("changed", (string)(await Next())["type"]!);
        string work = Directory.CreateDirectory(Path.Combine(folder["b"], ".microtome")).FullName;
        File.WriteAllText(Path.Combine(work, "progress.json"), """{"step":"til","share":0.25}""");
        var progress = await Next();
        Assert.Equal(("progress", "b", 0.25), ((string)progress["type"]!, (string)progress["jobs"]![0]!["slide"]!, (double)progress["jobs"]![0]!["share"]!));
        File.Delete(Path.Combine(work, "progress.json"));
        Assert.Empty((await Next())["jobs"]!.AsArray());

        async Task<JsonNode> Next()
        {
            while (await reader.ReadLineAsync(limit.Token) is { } line)
            {
                if (line.StartsWith("data:", StringComparison.Ordinal))
                    return JsonNode.Parse(line[5..])!;
            }

            throw new EndOfStreamException();
        }
    }

    [Fact]
    public async Task Shutdown_WithAPageThatListens_TakesSeconds()
    {
        var server = await ListeningServer.StartAsync(new ServerOptions { Results = [folder.Path] });
        using var answer = await server.Client.GetAsync("/api/events", HttpCompletionOption.ResponseHeadersRead);
        var clock = Stopwatch.StartNew();

        await server.App.StopAsync();

        Assert.True(clock.Elapsed < TimeSpan.FromSeconds(4), clock.Elapsed.ToString());
        Assert.DoesNotContain("error", await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        await server.DisposeAsync();
    }

    [Fact]
    public async Task Health_AndMetrics_Answer()
    {
        await using var server = await RunningServer.StartAsync(new ServerOptions { Results = [folder.Path] });
        Assert.Equal("ok", (string)(await server.JsonAsync("/health"))["status"]!);
        await server.BytesAsync("/api/slides");
        string metrics = Encoding.UTF8.GetString(await server.BytesAsync("/metrics"));
        Assert.Contains("http_server_request_duration", metrics, StringComparison.Ordinal);
        Assert.Contains("microtome_slides_open", metrics, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Document_ListsEveryEndpointWithASummary()
    {
        await using var server = await RunningServer.StartAsync(new ServerOptions { Results = [folder.Path] });
        var paths = (await server.JsonAsync("/openapi/v1.json"))["paths"]!.AsObject();
        // Constraints (":int") are no part of the document's addresses, nor is a slash at the end.
        string[] served = [.. server.Get<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>()
            .Select(static e => "/" + System.Text.RegularExpressions.Regex.Replace(e.RoutePattern.RawText!.Trim('/'), @":\w+(\([^)]*\))?(?=\})", string.Empty, System.Text.RegularExpressions.RegexOptions.ExplicitCapture, TimeSpan.FromSeconds(1)))
            .Where(static r => r is not ("/" or "/metrics" or "/openapi/{documentName}.json"))
            .Distinct()];

        Assert.True(served.Length > 15);
        Assert.Empty(served.Except(paths.Select(static p => p.Key.TrimEnd('/'))));
        Assert.All(paths.SelectMany(static p => p.Value!.AsObject()), static o => Assert.False(string.IsNullOrEmpty((string?)o.Value!["summary"])));
    }

    [Fact]
    public async Task Addresses_ThatAreNothing_AreSaidInJson()
    {
        await using var server = await RunningServer.StartAsync(new ServerOptions { Results = [folder.Path] });
        Assert.Equal((HttpStatusCode.NotFound, "There is nothing at this address."), await server.FailureAsync("/nothing"));
        using var wrong = await server.Client.DeleteAsync("/api/slides");
        Assert.Equal(HttpStatusCode.MethodNotAllowed, wrong.StatusCode);
        Assert.Contains("does not know this method", await wrong.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }
}
