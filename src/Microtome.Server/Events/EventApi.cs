using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Hosting;
using Microtome.Pathology;

namespace Microtome.Server;

/// <summary>What happens in the folders while a page is open, as Server-Sent Events: results that changed, and how far running analyses are.</summary>
internal static class EventApi
{
    private const int MostListeners = 100;
    private static readonly TimeSpan s_between = TimeSpan.FromSeconds(1);
    private static int listeners;

    public static void MapEvents(this IEndpointRouteBuilder app) =>
        app.MapGet("/api/events", Listen).WithTags("server").WithSummary("Server-Sent Events: {type: changed} and {type: progress, jobs: [...]}.");

    private static ServerSentEventsResult<JsonObject> Listen(ResultCatalog catalog, IHostApplicationLifetime lifetime, HttpContext context)
    {
        if (Interlocked.Increment(ref listeners) > MostListeners)
        {
            Interlocked.Decrement(ref listeners);
            throw new RequestException(StatusCodes.Status503ServiceUnavailable, $"{MostListeners} pages are listening already.");
        }

        context.Response.OnCompleted(static () =>
        {
            Interlocked.Decrement(ref listeners);
            return Task.CompletedTask;
        });
        return TypedResults.ServerSentEvents(Watch(catalog, lifetime.ApplicationStopping));
    }

    private static async IAsyncEnumerable<JsonObject> Watch(ResultCatalog catalog, CancellationToken stopping, [EnumeratorCancellation] CancellationToken left = default)
    {
        using var both = CancellationTokenSource.CreateLinkedTokenSource(left, stopping);
        string versions = Versions(catalog);
        string? told = null;
        using var timer = new PeriodicTimer(s_between);
        int quiet = 0;
        while (true)
        {
            string now = Versions(catalog);
            if (now != versions)
            {
                versions = now;
                quiet = 0;
                yield return new JsonObject { ["type"] = "changed" };
            }

            var jobs = new JsonArray([.. catalog.Folders.SelectMany(RunningAnalyses.In)]);
            string text = jobs.ToJsonString();
            // The first is told at once: only then does the page know that it is connected. And now and then anything, so that a connection that is gone is noticed.
            if (text != told || ++quiet >= 20)
            {
                told = text;
                quiet = 0;
                yield return new JsonObject { ["type"] = "progress", ["jobs"] = jobs };
            }

            try
            {
                if (!await timer.WaitForNextTickAsync(both.Token))
                    yield break;
            }
            catch (OperationCanceledException)
            {
                yield break;
            }
        }
    }

    private static string Versions(ResultCatalog catalog) => string.Join('\n', catalog.All.Select(static e => e.Id + e.Version + e.Error));
}
