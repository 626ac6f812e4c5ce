using System.Net;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.TestHost;
using Microsoft.Extensions.DependencyInjection;
using Microtome.Imaging;

namespace Microtome.Server.Tests;

/// <summary>A server in this process, with a folder of its own.</summary>
internal sealed class RunningServer : IAsyncDisposable
{
    private readonly WebApplication app;

    private RunningServer(WebApplication app)
    {
        this.app = app;
        Client = app.GetTestClient();
    }

    public HttpClient Client { get; }

    public IServiceProvider Services => app.Services;

    public static async Task<RunningServer> StartAsync(ServerOptions options)
    {
        var started = ServerHost.Create(options with { RequestsPerSecond = 1_000_000 }, builder => builder.WebHost.UseTestServer());
        await started.StartAsync();
        return new RunningServer(started);
    }

    public static Task<RunningServer> WithSlidesAsync(params string[] slides) => StartAsync(new ServerOptions { Slides = slides });

    public T Get<T>()
        where T : notnull => app.Services.GetRequiredService<T>();

    public async Task<byte[]> BytesAsync(string address)
    {
        using var answer = await Client.GetAsync(address);
        byte[] bytes = await answer.Content.ReadAsByteArrayAsync();
        Assert.True(answer.StatusCode == HttpStatusCode.OK, $"{address}: {answer.StatusCode} {System.Text.Encoding.UTF8.GetString(bytes.AsSpan(0, Math.Min(bytes.Length, 300)))}");
        return bytes;
    }

    public async Task<RgbImage> PictureAsync(string address) => ImageFile.DecodeRgb(await BytesAsync(address), address);

    public async Task<JsonNode> JsonAsync(string address) => JsonNode.Parse(await BytesAsync(address))!;

    /// <summary>The sentence of an answer that is no success.</summary>
    public async Task<(HttpStatusCode Status, string Error)> FailureAsync(string address)
    {
        using var answer = await Client.GetAsync(address);
        string text = await answer.Content.ReadAsStringAsync();
        return (answer.StatusCode, answer.IsSuccessStatusCode ? string.Empty : (string?)JsonNode.Parse(text)!["error"] ?? string.Empty);
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await app.StopAsync();
        await app.DisposeAsync();
    }
}
