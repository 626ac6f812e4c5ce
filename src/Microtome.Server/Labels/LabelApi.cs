using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace Microtome.Server;

/// <summary>Labelling of uncertain patches; <c>train classifier --supervision labels</c> learns from them.</summary>
internal static class LabelApi
{
    private const int MostQueued = 500;

    public static void MapLabels(this IEndpointRouteBuilder app)
    {
        var api = app.MapGroup("/api/slides/{id}/labels/{task}").WithTags("labels");
        api.MapGet("/", Queue).WithSummary("Patches that wait to be judged, the most uncertain first.");
        api.MapPost("/", Label).WithSummary("Judges a patch, or takes the judgement back (class null).");
    }

    private static Ok<PatchQueue> Queue(string id, string task, ResultCatalog catalog, LabelStore store, HttpContext context, int count = 50)
    {
        var entry = catalog.Require(id);
        context.Response.Headers.CacheControl = "no-store";
        return TypedResults.Ok(store.Queue(entry, task, Math.Clamp(count, 1, MostQueued)));
    }

    private static NoContent Label(string id, string task, PatchJudgement judgement, ResultCatalog catalog, LabelStore store)
    {
        store.Label(catalog.Require(id), task, judgement);
        return TypedResults.NoContent();
    }
}
