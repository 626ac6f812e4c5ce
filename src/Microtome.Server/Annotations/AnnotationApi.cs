using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace Microtome.Server;

/// <summary>Annotations and the tissue outline: read, replace, look back.</summary>
internal static class AnnotationApi
{
    private const string Type = "application/geo+json";
    private static readonly TimeSpan s_silence = TimeSpan.FromMinutes(5);

    public static void MapAnnotations(this IEndpointRouteBuilder app)
    {
        foreach (var (address, name, what) in ((string, string, string)[])[("annotations", AnnotationStore.AnnotationsName, "The annotations"), ("tissue", AnnotationStore.TissueName, "The tissue outline that the next analysis uses")])
        {
            var api = app.MapGroup($"/api/slides/{{id}}/{address}").WithTags("annotations");
            api.MapGet("/", (string id, ResultCatalog catalog, AnnotationStore store, HttpContext context) => Read(catalog.Require(id), name, store, context)).WithSummary($"{what} as GeoJSON, level-0 pixels.");
            api.MapPut("/", (string id, ResultCatalog catalog, AnnotationStore store, HttpContext context) => SaveAsync(catalog.Require(id), name, store, context))
                .WithSummary($"Replaces: {what.ToLowerInvariant()}. If-Match names the version that was changed; 412 when it is no longer the newest.").Accepts<object>(Type);
            api.MapGet("/history", (string id, ResultCatalog catalog, AnnotationStore store) => TypedResults.Ok(store.History(Folder(catalog.Require(id)), name))).WithSummary("Versions that were replaced, newest first.");
            api.MapGet("/history/{version}", (string id, string version, ResultCatalog catalog, AnnotationStore store) => Version(catalog.Require(id), name, version, store)).WithSummary("One of them.");
        }
    }

    private static FileContentHttpResult Read(CatalogEntry entry, string name, AnnotationStore store, HttpContext context)
    {
        var (content, tag) = store.Read(Folder(entry), name);
        context.Response.Headers.CacheControl = "no-store";
        context.Response.Headers.ETag = $"\"{tag}\"";
        return TypedResults.File(content, Type);
    }

    private static async Task<NoContent> SaveAsync(CatalogEntry entry, string name, AnnotationStore store, HttpContext context)
    {
        string folder = Folder(entry);
        if (context.Request.ContentType?.Split(';')[0].Trim() is not (Type or "application/json"))
            throw new RequestException(415, $"Send {Type}.");
        string seen = context.Request.Headers.IfMatch.ToString().Trim('"');
        if (seen.Length == 0)
            throw new RequestException(428, "Say in If-Match which version you changed (its ETag): somebody else's work could be lost otherwise.");
        string running = Path.Combine(folder, ".microtome", "lock.json");
        if (name == AnnotationStore.TissueName && File.Exists(running) && DateTime.UtcNow - File.GetLastWriteTimeUtc(running) < s_silence)
            throw new RequestException(409, "This slide is being analysed at this moment; wait until it is done, then change the outline.");
        using var body = new MemoryStream();
        await context.Request.Body.CopyToAsync(body, context.RequestAborted);
        context.Response.Headers.ETag = $"\"{store.Save(folder, name, body.ToArray(), seen)}\"";
        return TypedResults.NoContent();
    }

    private static FileContentHttpResult Version(CatalogEntry entry, string name, string version, AnnotationStore store) =>
        TypedResults.File(store.Version(Folder(entry), name, version) ?? throw RequestException.NotFound("There is no such version; the list is one address up."), Type);

    private static string Folder(CatalogEntry entry) => entry.Folder ?? throw RequestException.NotFound($"{entry.Name} has no folder of results to keep annotations in.");
}
