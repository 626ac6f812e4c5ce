using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microtome.Ledger;
using Microtome.Pathology;

namespace Microtome.Server;

/// <summary>What happens in the folders while a page is open, as Server-Sent Events: results that changed, how far running analyses are, how far the cohort is, and that a training run has new numbers.</summary>
internal static class EventApi
{
    private const int MostListeners = 100;
    private static readonly TimeSpan s_between = TimeSpan.FromSeconds(1);
    private static int listeners;

    public static void MapEvents(this IEndpointRouteBuilder app) =>
        app.MapGet("/api/events", Listen).WithTags("server").WithSummary("Server-Sent Events: {type: changed} and {type: progress, jobs: [...]}; with a cohort {type: cohort, status}; {type: training} when a training run has new numbers.");

    private static ServerSentEventsResult<JsonObject> Listen(ResultCatalog catalog, RunningAnalyses watch, TrainingRuns runs, IHostApplicationLifetime lifetime, IServiceProvider services, HttpContext context)
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
        return TypedResults.ServerSentEvents(Watch(catalog, watch, runs, services.GetService<OpenCohort>(), lifetime.ApplicationStopping));
    }

    private static async IAsyncEnumerable<JsonObject> Watch(ResultCatalog catalog, RunningAnalyses watch, TrainingRuns runs, OpenCohort? cohort, CancellationToken stopping, [EnumeratorCancellation] CancellationToken left = default)
    {
        using var both = CancellationTokenSource.CreateLinkedTokenSource(left, stopping);
        var seen = catalog.All;
        string? told = null, toldOfCohort = null;
        long toldOfTraining = runs.Version;
        using var timer = new PeriodicTimer(s_between);
        int quiet = 0;
        while (true)
        {
            // The same object as long as nothing changed.
            var now = catalog.All;
            if (now != seen)
            {
                seen = now;
                quiet = 0;
                yield return new JsonObject { ["type"] = "changed" };
            }

            string text = watch.Jobs(catalog.Folders);
            // The first is told at once: only then does the page know that it is connected. And now and then anything, so that a connection that is gone is noticed.
            if (text != told || ++quiet >= 20)
            {
                told = text;
                quiet = 0;
                yield return new JsonObject { ["type"] = "progress", ["jobs"] = JsonNode.Parse(text) };
            }

            if (cohort is not null && Status(cohort) is { } status && status.ToJsonString() is var said && said != toldOfCohort)
            {
                toldOfCohort = said;
                quiet = 0;
                yield return new JsonObject { ["type"] = "cohort", ["status"] = status };
            }

            if (runs.Version is var version && version != toldOfTraining)
            {
                toldOfTraining = version;
                quiet = 0;
                yield return new JsonObject { ["type"] = "training" };
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

    // A ledger that does not answer for a while must not end what else is told; the page sees its numbers stand still and says so.
    private static JsonObject? Status(OpenCohort cohort)
    {
        try
        {
            return cohort.Status();
        }
        catch (Exception e) when (e is LedgerException or IOException)
        {
            return new JsonObject { ["error"] = e.Message };
        }
    }
}
