using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Microtome.Imaging;

namespace Microtome.Server;

/// <summary>Nuclei: what there is, vector tiles, single nuclei, numbers of an area.</summary>
internal static class NucleusApi
{
    private const int LargestArea = 4 << 20;

    public static void MapNuclei(this IEndpointRouteBuilder app)
    {
        var api = app.MapGroup("/api/slides/{id}/nuclei").WithTags("nuclei");
        api.MapGet(string.Empty, Overview).WithSummary("How many nuclei, which classes and measures, how the tiles lie.");
        api.MapGet("/{z:int}/{x:int}/{y:int}", Tile).WithSummary("A vector tile (docs/formats.md): outlines when near, points, or counts of cells when far.");
        api.MapGet("/objects/{fid:long}", One).WithSummary("Every column of a nucleus, and its outline.");
        api.MapPost("/statistics", StatisticsAsync).WithSummary("Numbers of the nuclei whose centroids lie in a GeoJSON polygon of level-0 pixels.");
    }

    private static async Task<Ok<NucleusOverview>> Overview(string id, ResultCatalog catalog, NucleusStore store, HttpContext context)
    {
        var set = Require(catalog.Require(id), store);
        var (index, preliminary) = await set.BestAsync(context.RequestAborted);
        context.Response.Headers.CacheControl = "no-store";
        return TypedResults.Ok(new NucleusOverview
        {
            Count = preliminary ? null : index.Count,
            Complete = !preliminary,
            TileSize = NucleusIndex.TileSize,
            MaxZoom = index.MaxZoom,
            PolygonZoom = Math.Max(0, index.MaxZoom - NucleusTile.OutlineZooms + 1),
            Classes = index.Classes,
            Measurements = index.Measures,
            Version = VersionOf(set),
        });
    }

    private static async Task Tile(string id, int z, int x, int y, ResultCatalog catalog, NucleusStore store, TileCache cache, HttpContext context)
    {
        var set = Require(catalog.Require(id), store);
        string? measure = context.Request.Query["measure"];
        var (index, preliminary) = await set.BestAsync(context.RequestAborted);
        if (preliminary && z > index.MaxZoom - NucleusTile.OutlineZooms)
            (index, preliminary) = (await set.Whole.WaitAsync(context.RequestAborted), false);
        int column = MeasureOf(index, measure);
        if (index.Range(z, x, y) is null)
            throw RequestException.NotFound($"There is no such tile: zooms are 0 to {index.MaxZoom}, with 2^zoom columns and rows.");
        if (preliminary)
        {
            // A sample: the same tile has more to say in a moment.
            context.Response.Headers.CacheControl = "no-store";
            await TileAnswer.SendAsync(context, "application/octet-stream", NucleusTile.Make(index, z, x, y, column, true, static _ => []));
            return;
        }

        if (TileAnswer.IsKnown(context, Tags.Of("nuclei" + column.ToString(System.Globalization.CultureInfo.InvariantCulture), VersionOf(set))))
            return;
        var (bytes, _) = await cache.GetAsync(
            new TileKey(set.Key, "nuclei " + measure, z, x, y),
            () => set.With(reader => NucleusTile.Make(index, z, x, y, column, false, fid => reader.RingOf(fid))),
            context.RequestAborted);
        await TileAnswer.SendAsync(context, "application/octet-stream", bytes);
    }

    private static Ok<JsonObject> One(string id, long fid, ResultCatalog catalog, NucleusStore store, HttpContext context)
    {
        var set = Require(catalog.Require(id), store);
        var (columns, ring) = set.With(reader => (reader.ColumnsOf(fid), reader.RingOf(fid)));
        if (columns is null)
            throw RequestException.NotFound($"There is no nucleus {fid}.");
        context.Response.Headers.CacheControl = "no-store";
        var numbers = new JsonObject();
        foreach (var (name, value) in columns)
            numbers[name] = value switch { long l => l, double d when double.IsFinite(d) => d, string s => s, _ => null };
        return TypedResults.Ok(new JsonObject
        {
            ["fid"] = fid,
            ["columns"] = numbers,
            ["polygon"] = new JsonArray([.. ring.Select(v => new JsonArray(v.X, v.Y))]),
        });
    }

    private static async Task<Ok<NucleusStatistics>> StatisticsAsync(string id, ResultCatalog catalog, NucleusStore store, HttpContext context)
    {
        var entry = catalog.Require(id);
        if (entry.File("nuclei.gpkg") is null)
            throw NoNuclei(entry);
        var polygons = await ReadAreaAsync(context);
        context.Response.Headers.CacheControl = "no-store";
        return TypedResults.Ok(await store.StatisticsAsync(entry, NucleusStore.ToGeometry(polygons), context.RequestAborted) ?? throw NoNuclei(entry));
    }

    private static async Task<IReadOnlyList<Polygon>> ReadAreaAsync(HttpContext context)
    {
        using var body = new MemoryStream();
        byte[] buffer = new byte[1 << 16];
        for (int read; (read = await context.Request.Body.ReadAsync(buffer, context.RequestAborted)) > 0;)
        {
            body.Write(buffer, 0, read);
            if (body.Length > LargestArea)
                throw new RequestException(StatusCodes.Status413PayloadTooLarge, "An area of more than 4 MB of GeoJSON is too detailed.");
        }

        if (body.Length >= 2 && body.GetBuffer()[0] == 0x1f && body.GetBuffer()[1] == 0x8b)
            throw new RequestException(StatusCodes.Status415UnsupportedMediaType, "Send plain GeoJSON, not gzip.");
        body.Position = 0;
        try
        {
            Polygon[] polygons = [.. GeoJsonReader.Read(body, "the request").SelectMany(f => f.Polygons)];
            if (polygons.Length == 0 || polygons.Any(p => p.Exterior.Concat(p.Holes.SelectMany(h => h)).Any(v => !(Math.Abs(v.X) < 1e9 && Math.Abs(v.Y) < 1e9))))
                throw RequestException.Bad("The body must be a GeoJSON polygon in level-0 pixels.");
            return polygons;
        }
        catch (SlideException e)
        {
            throw RequestException.Bad(e.Message);
        }
    }

    private static NucleusSet Require(CatalogEntry entry, NucleusStore store) => store.Find(entry) ?? throw NoNuclei(entry);

    private static RequestException NoNuclei(CatalogEntry entry) => RequestException.NotFound($"{entry.Name} has no nuclei: run microtome analyze with the step 'nuclei'.");

    private static int MeasureOf(NucleusIndex index, string? name)
    {
        if (string.IsNullOrEmpty(name))
            return index.Measures.Count > 0 ? 0 : -1;
        for (int i = 0; i < index.Measures.Count; i++)
        {
            if (index.Measures[i].Name == name)
                return i;
        }

        throw RequestException.Bad($"measure: there is no such column of numbers. There are: {string.Join(", ", index.Measures.Select(m => m.Name))}.");
    }

    private static string VersionOf(NucleusSet set) => set.Key[(set.Key.LastIndexOf('|') + 1)..];
}

/// <summary>The nuclei of a slide.</summary>
public sealed record NucleusOverview
{
    /// <summary>Number of nuclei; absent while it is not known.</summary>
    public int? Count { get; init; }

    /// <summary>False while only a sample has been read: classes, measures and tiles are then preliminary. Ask again in a second.</summary>
    public required bool Complete { get; init; }

    /// <summary>Side of a tile at <see cref="MaxZoom"/>, level-0 pixels; twice as much at each zoom below.</summary>
    public required int TileSize { get; init; }

    /// <summary>The largest zoom. At zoom 0 one tile covers the slide.</summary>
    public required int MaxZoom { get; init; }

    /// <summary>From this zoom on tiles hold outlines, unless there are more than 6,000 nuclei in one.</summary>
    public required int PolygonZoom { get; init; }

    /// <summary>Class names by the number that tiles give; the most frequent first.</summary>
    public required IReadOnlyList<string> Classes { get; init; }

    /// <summary>Measures and how they are spread.</summary>
    public required IReadOnlyList<MeasureRange> Measurements { get; init; }

    /// <summary>Changes when the file changes; add it to tile addresses as <c>v=</c> and they may be kept for ever.</summary>
    public required string Version { get; init; }
}
