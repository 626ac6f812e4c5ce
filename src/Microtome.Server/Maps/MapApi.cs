using System.Runtime.InteropServices;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace Microtome.Server;

/// <summary>The numbers of maps, for a viewer that colours them itself.</summary>
internal static class MapApi
{
    public static void MapMaps(this IEndpointRouteBuilder app)
    {
        var api = app.MapGroup("/api/slides/{id}/maps").WithTags("maps");
        api.MapGet("/{task}", Values).WithSummary("Probabilities of a map: little-endian float32 [rows, columns], NaN where nothing is known.");
        api.MapGet("/combined", Combined).WithSummary("The combined map: bytes [rows, columns, 3] = lymphocytes * 255, tumor * 255, class code (tumor-til, section 6.1).");
        api.MapGet("/classes.png", ClassView).WithSummary("The combined map in the published colours; with frame=slide over the whole slide.");
    }

    private static FileContentHttpResult Values(string id, string task, ResultCatalog catalog, MapStore maps, HttpContext context)
    {
        var entry = catalog.Require(id);
        if (task is not ("til" or "tumor") || maps.MapOf(entry, task) is not { } map)
            throw RequestException.NotFound($"{entry.Name} has no such map.");
        context.Response.Headers.CacheControl = "no-cache";
        context.Response.Headers["Microtome-Shape"] = $"{map.Rows.Count},{map.Columns.Count}";
        return TypedResults.File(MemoryMarshal.AsBytes<float>(map.Values.Samples).ToArray(), "application/octet-stream", entityTag: Tags.Of(task, entry.Version));
    }

    private static FileContentHttpResult Combined(string id, ResultCatalog catalog, MapStore maps, HttpContext context)
    {
        var entry = catalog.Require(id);
        var map = maps.CombinedOf(entry) ?? throw RequestException.NotFound($"{entry.Name} has no combined map.");
        context.Response.Headers.CacheControl = "no-cache";
        context.Response.Headers["Microtome-Shape"] = $"{map.Height},{map.Width},3";
        return TypedResults.File(map.Pixels.Pixels, "application/octet-stream", entityTag: Tags.Of("combined", entry.Version));
    }

    private static FileContentHttpResult ClassView(string id, ResultCatalog catalog, MapStore maps, HttpContext context, string? frame = null)
    {
        var entry = catalog.Require(id);
        if (maps.CombinedOf(entry) is null)
            throw RequestException.NotFound($"{entry.Name} has no combined map.");
        context.Response.Headers.CacheControl = "no-cache";
        return TypedResults.File(frame == "slide" ? maps.FramedClassView(entry) : maps.ClassView(entry), "image/png", entityTag: Tags.Of("classes" + frame, entry.Version));
    }
}
