using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Microtome.Imaging;

namespace Microtome.Server;

/// <summary>
/// The IIIF Image API 3.0 at level 2, with enlargement, mirroring and bitonal. One thing of level 1 is missing on purpose: other web pages may not read the answers (CORS), for
/// slides are patients' data.
/// </summary>
internal static class IiifApi
{
    private const string Context = "http://iiif.io/api/image/3/context.json";
    private const string Profile = "<http://iiif.io/api/image/3/level2.json>;rel=\"profile\"";

    public static void MapIiif(this IEndpointRouteBuilder app)
    {
        var api = app.MapGroup("/iiif/3/{id}").WithTags("iiif");
        api.MapGet(string.Empty, Base).WithSummary("Leads to info.json.");
        api.MapGet("/info.json", Info).WithSummary("Image information (IIIF Image API 3.0).");
        api.MapGet("/{region}/{size}/{rotation}/{quality}.{format}", Picture).WithSummary("A part of the slide at any size (IIIF Image API 3.0).");
    }

    private static IResult Base(string id, ResultCatalog catalog, HttpContext context)
    {
        _ = catalog.Require(id);
        context.Response.Headers.Location = Address(context, id) + "/info.json";
        return TypedResults.StatusCode(StatusCodes.Status303SeeOther);
    }

    private static ContentHttpResult Info(string id, ResultCatalog catalog, SlidePool pool, HttpContext context)
    {
        using var loan = pool.Lend(catalog.Require(id));
        var pyramid = loan.Tiles.DeepZoom;
        var sizes = new JsonArray();
        var factors = new JsonArray();
        for (int level = 0; level <= pyramid.MaxLevel; level++)
        {
            var (width, height) = pyramid.SizeOf(level);
            if (Math.Min(width, height) >= 1 && Math.Max(width, height) is >= 32 and <= IiifLimits.Side)
                sizes.Add(new JsonObject { ["width"] = width, ["height"] = height });
        }

        for (int level = pyramid.MaxLevel; level >= 0; level--)
        {
            factors.Add(pyramid.Downsample(level));
            if (Math.Max(pyramid.SizeOf(level).Width, pyramid.SizeOf(level).Height) <= pyramid.TileSize)
                break;
        }

        var info = new JsonObject
        {
            ["@context"] = Context,
            ["id"] = Address(context, id),
            ["type"] = "ImageService3",
            ["protocol"] = "http://iiif.io/api/image",
            ["profile"] = "level2",
            ["width"] = pyramid.Width,
            ["height"] = pyramid.Height,
            ["maxWidth"] = IiifLimits.Side,
            ["maxHeight"] = IiifLimits.Side,
            ["maxArea"] = IiifLimits.Area,
            ["sizes"] = sizes,
            ["tiles"] = new JsonArray(new JsonObject { ["width"] = pyramid.TileSize, ["height"] = pyramid.TileSize, ["scaleFactors"] = factors }),
            ["preferredFormats"] = new JsonArray("jpg"),
            ["extraQualities"] = new JsonArray("color", "gray", "bitonal"),
            ["extraFeatures"] = new JsonArray("canonicalLinkHeader", "mirroring", "profileLinkHeader", "sizeUpscaling"),
        };
        context.Response.Headers.Link = Profile;
        context.Response.Headers.CacheControl = "no-cache";
        context.Response.Headers.Vary = "Accept";
        // A browser's address bar asks for anything but JSON-LD; programs that ask for plain JSON get it.
        string accept = context.Request.Headers.Accept.ToString();
        bool plain = accept.Contains("application/json", StringComparison.OrdinalIgnoreCase) && !accept.Contains("application/ld+json", StringComparison.OrdinalIgnoreCase);
        return TypedResults.Content(info.ToJsonString(), plain ? "application/json" : $"application/ld+json;profile=\"{Context}\"");
    }

    private static async Task Picture(string id, string region, string size, string rotation, string quality, string format, ResultCatalog catalog, SlidePool pool, TileCache cache, ServerMetrics metrics, HttpContext context)
    {
        var entry = catalog.Require(id);
        using var loan = pool.Lend(entry);
        var tiles = loan.Tiles;
        var request = IiifRequest.Parse((tiles.DeepZoom.Width, tiles.DeepZoom.Height), region, size, rotation, quality, format);
        context.Response.Headers.Link = new[] { Profile, $"<{Address(context, id)}/{request.Canonical}>;rel=\"canonical\"" };
        if (TileAnswer.IsKnown(context, Tags.Of("iiif", tiles.Version)))
            return;
        await TileAnswer.SendAsync(
            context,
            format == "png" ? "image/png" : "image/jpeg",
            new TileKey(tiles.Key, request.Canonical, 0, 0, 0),
            request is { Mirror: false, Quarters: 0, Quality: "color", Format: "jpg" } ? tiles.StoredArea(request.Region, request.Width, request.Height) : null,
            own => Encode(IiifPicture.Apply(own.ReadArea(request.Region, request.Width, request.Height), request), format),
            (entry, loan, pool),
            cache,
            metrics);
    }

    private static byte[] Encode(RgbImage image, string format) => format == "png" ? Encoder.Png(image, 3) : Encoder.Jpeg(image, SlideTiles.Quality);

    private static string Address(HttpContext context, string id) => $"{context.Request.Scheme}://{context.Request.Host}{context.Request.PathBase}/iiif/3/{Uri.EscapeDataString(id)}";
}
