using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Microtome.Imaging;

namespace Microtome.Server;

/// <summary>Image tiles: Deep Zoom, and the slide's own pyramid.</summary>
internal static class TileApi
{
    private const string Jpeg = "image/jpeg";

    public static void MapTiles(this IEndpointRouteBuilder app)
    {
        var group = app.MapGroup(string.Empty).WithTags("tiles");
        group.MapGet("/slides/{id}.dzi", Descriptor).WithSummary("The Deep Zoom descriptor.");
        group.MapGet("/slides/{id}_files/{level:int}/{x:int}_{y:int}.jpeg", DeepZoomTile).WithSummary("A Deep Zoom tile.");
        group.MapGet("/api/slides/{id}/image", Image).WithSummary("The slide's own pyramid.");
        group.MapGet("/slides/{id}/tiles/{level:int}/{x:int}/{y:int}", NaturalTile).WithSummary("A tile of the slide's own pyramid.");
    }

    private static ContentHttpResult Descriptor(string id, ResultCatalog catalog, SlidePool pool, HttpContext context)
    {
        using var loan = pool.Lend(catalog.Require(id));
        context.Response.Headers.CacheControl = "no-cache";
        return TypedResults.Content(loan.Tiles.DeepZoom.ToXml(), "application/xml");
    }

    private static Ok<SlideImage> Image(string id, ResultCatalog catalog, SlidePool pool, HttpContext context)
    {
        var entry = catalog.Require(id);
        using var loan = pool.Lend(entry);
        var (slide, tiles) = (loan.Slide, loan.Tiles);
        string address = "/slides/" + Uri.EscapeDataString(id);
        context.Response.Headers.CacheControl = "no-cache";
        return TypedResults.Ok(new SlideImage
        {
            Width = slide.Levels[0].Width,
            Height = slide.Levels[0].Height,
            Mpp = entry.Mpp ?? slide.PixelSize?.Mean,
            Version = tiles.Version,
            Levels = [.. slide.Levels.Select((l, i) => new SlideImageLevel(l.Width, l.Height, l.Downsample, tiles.NaturalTile(i).Width, tiles.NaturalTile(i).Height, tiles.IsStored(i)))],
            TileUrl = address + "/tiles/{level}/{x}/{y}",
            Dzi = address + ".dzi",
            Iiif = "/iiif/3/" + Uri.EscapeDataString(id),
        });
    }

    private static async Task DeepZoomTile(string id, int level, int x, int y, ResultCatalog catalog, SlidePool pool, TileCache cache, ServerMetrics metrics, HttpContext context)
    {
        var entry = catalog.Require(id);
        using var loan = pool.Lend(entry);
        var tiles = loan.Tiles;
        if (tiles.DeepZoom.TileOf(level, x, y) is not { } tile)
            throw NoTile();
        if (TileAnswer.IsKnown(context, Tags.Of("tile", tiles.Version)))
            return;
        await TileAnswer.SendAsync(
            context, Jpeg, new TileKey(tiles.Key, "dzi", level, x, y), tiles.StoredDeepZoom(level, x, y), own => own.MakeDeepZoom(level, tile), (entry, loan, pool), cache, metrics);
    }

    private static async Task NaturalTile(string id, int level, int x, int y, ResultCatalog catalog, SlidePool pool, TileCache cache, ServerMetrics metrics, HttpContext context)
    {
        var entry = catalog.Require(id);
        using var loan = pool.Lend(entry);
        var tiles = loan.Tiles;
        if (tiles.NaturalTileOf(level, x, y) is not { } tile)
            throw NoTile();
        if (TileAnswer.IsKnown(context, Tags.Of("tile", tiles.Version)))
            return;
        await TileAnswer.SendAsync(
            context, Jpeg, new TileKey(tiles.Key, "own", level, x, y), tiles.StoredNatural(level, x, y), own => own.MakeNatural(tile), (entry, loan, pool), cache, metrics);
    }

    private static RequestException NoTile() => RequestException.NotFound("The slide has no such tile; its levels and sizes are in its descriptor.");
}

/// <summary>The slide's own pyramid.</summary>
public sealed record SlideImage
{
    /// <summary>Level-0 pixels.</summary>
    public required long Width { get; init; }

    /// <summary>Level-0 pixels.</summary>
    public required long Height { get; init; }

    /// <summary>um per level-0 pixel; null when unknown.</summary>
    public double? Mpp { get; init; }

    /// <summary>Changes when the slide's file changes; add it to tile addresses as <c>?v=</c> and they may be kept for ever.</summary>
    public required string Version { get; init; }

    /// <summary>The levels, largest first.</summary>
    public required IReadOnlyList<SlideImageLevel> Levels { get; init; }

    /// <summary>The address of a tile of a level.</summary>
    public required string TileUrl { get; init; }

    /// <summary>The Deep Zoom descriptor.</summary>
    public required string Dzi { get; init; }

    /// <summary>The base address of the IIIF Image API.</summary>
    public required string Iiif { get; init; }
}

/// <summary>A level.</summary>
/// <param name="Width">Pixels of the level.</param>
/// <param name="Height">Pixels of the level.</param>
/// <param name="Downsample">Level-0 pixels per pixel of the level.</param>
/// <param name="TileWidth">Pixels of a tile; those at the right border may be narrower.</param>
/// <param name="TileHeight">Pixels of a tile; those at the lower border may be lower.</param>
/// <param name="Stored">Whether tiles inside are handed on as the file holds them.</param>
public sealed record SlideImageLevel(long Width, long Height, double Downsample, int TileWidth, int TileHeight, bool Stored);
