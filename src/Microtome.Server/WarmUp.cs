using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Microtome.Server;

/// <summary>
/// Asks the server, once it listens, for what a page asks first: the page, and the first slide of the list with its small picture, maps and nuclei. Whoever opens the page a second
/// later does not wait for code that has never run, nor for files that were never opened. One request at a time; what fails is left to whoever asks for it.
/// </summary>
internal sealed class WarmUp(IServer server, IHostApplicationLifetime lifetime, ResultCatalog catalog, ServerOptions options, ILogger<WarmUp> log) : BackgroundService
{
    private readonly TaskCompletionSource done = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Ends when everything was asked for, whatever came of it, or when the server ends; never fails.</summary>
    public Task Done => done.Task;

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var started = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var registration = lifetime.ApplicationStarted.Register(() => started.TrySetResult());
        try
        {
            await started.Task.WaitAsync(stoppingToken);
            if (options.WarmUp && server.Features.Get<IServerAddressesFeature>()?.Addresses.FirstOrDefault() is { } address && Uri.TryCreate(address, UriKind.Absolute, out var uri))
                await AskAsync(uri, stoppingToken);
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The server ends.
        }
        finally
        {
            done.TrySetResult();
        }
    }

    private async Task AskAsync(Uri address, CancellationToken cancellation)
    {
        using var handler = new SocketsHttpHandler { UseProxy = false, AllowAutoRedirect = false };
        // A server that listens everywhere is asked here.
        string host = address.Host switch { "0.0.0.0" => "127.0.0.1", "[::]" => "[::1]", var other => other };
        using var client = new HttpClient(handler) { BaseAddress = new UriBuilder(address) { Host = host }.Uri, Timeout = TimeSpan.FromMinutes(1) };
        if (options.Token is { } token)
            client.DefaultRequestHeaders.Authorization = new("Bearer", token);
        foreach (string path in Paths())
        {
            try
            {
                using var answer = await client.GetAsync(new Uri(path, UriKind.Relative), cancellation);
            }
            catch (Exception e) when (e is HttpRequestException || (e is TaskCanceledException && !cancellation.IsCancellationRequested))
            {
                log.LogDebug(e, "{Path} did not answer", path);
            }
        }
    }

    private IEnumerable<string> Paths()
    {
        yield return "/";
        if (catalog.All.FirstOrDefault(static e => e.Error is null) is not { } first)
            yield break;
        string slide = "/api/slides/" + Uri.EscapeDataString(first.Id);
        yield return slide + "/thumbnail";
        yield return slide;
        if (first.SlidePath is not null)
            yield return $"/slides/{Uri.EscapeDataString(first.Id)}_files/8/0_0.jpeg";
        foreach (string task in new[] { "til", "tumor" })
        {
            if (first.File(task + ".csv") is not null)
                yield return $"{slide}/maps/{task}";
        }

        // Last, because reading all of them may take seconds.
        if (first.File("nuclei.gpkg") is null)
            yield break;
        yield return slide + "/nuclei";
        yield return slide + "/nuclei/0/0/0";
    }
}
