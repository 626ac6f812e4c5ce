using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;
using Microtome.Imaging;

namespace Microtome.Server;

/// <summary>How tiles are sent: their tag is known before the work, so that a browser that has the tile costs nothing.</summary>
internal static class TileAnswer
{
    private static readonly KeyValuePair<string, object?> s_cache = new("source", "cache");
    private static readonly KeyValuePair<string, object?> s_stored = new("source", "stored");
    private static readonly KeyValuePair<string, object?> s_encoded = new("source", "encoded");

    /// <summary>Sets tag and lifetime. An address with a version (<c>?v=</c>) never changes its content.</summary>
    /// <returns>Whether the client has it already: the answer is then 304 and complete.</returns>
    public static bool IsKnown(HttpContext context, EntityTagHeaderValue tag)
    {
        var headers = context.Response.Headers;
        headers.ETag = tag.ToString();
        headers.CacheControl = context.Request.Query.ContainsKey("v") ? "private, max-age=31536000, immutable" : "private, max-age=60";
        if (!Matches(context.Request, tag))
            return false;
        context.Response.StatusCode = StatusCodes.Status304NotModified;
        return true;
    }

    /// <summary>Sends a picture of a slide: as it is stored, from the cache, or made now.</summary>
    /// <param name="context">The request.</param>
    /// <param name="type">The media type.</param>
    /// <param name="key">What it is.</param>
    /// <param name="stored">The bytes of the file, when they can be handed on.</param>
    /// <param name="make">Makes it otherwise.</param>
    /// <param name="from">The slide: its entry, the request's loan, and where to lend another.</param>
    /// <param name="cache">The cache.</param>
    /// <param name="metrics">Counts.</param>
    public static async Task SendAsync(
        HttpContext context, string type, TileKey key, byte[]? stored, Func<SlideTiles, byte[]> make, (CatalogEntry Entry, SlidePool.Loan Loan, SlidePool Pool) from, TileCache cache, ServerMetrics metrics)
    {
        byte[] bytes;
        if (stored is not null)
        {
            bytes = stored;
            metrics.Tiles.Add(1, s_stored);
        }
        else
        {
            try
            {
                (bytes, bool cached) = await cache.GetAsync(
                    key,
                    () =>
                    {
                        // Requests come and go while the picture is made: the work holds the slide itself.
                        using var own = from.Pool.Lend(from.Entry);
                        return make(own.Tiles);
                    },
                    context.RequestAborted);
                metrics.Tiles.Add(1, cached ? s_cache : s_encoded);
            }
            catch (SlideException)
            {
                from.Loan.Discard();
                throw;
            }
        }

        await SendAsync(context, type, bytes);
    }

    /// <summary>Sends the bytes.</summary>
    public static async Task SendAsync(HttpContext context, string type, byte[] bytes)
    {
        context.Response.ContentType = type;
        context.Response.ContentLength = bytes.Length;
        if (!HttpMethods.IsHead(context.Request.Method))
            await context.Response.Body.WriteAsync(bytes, context.RequestAborted);
    }

    private static bool Matches(HttpRequest request, EntityTagHeaderValue tag)
    {
        var given = request.Headers.IfNoneMatch;
        if (given.Count == 0)
            return false;
        return EntityTagHeaderValue.TryParseList([.. given.OfType<string>()], out var tags) && tags.Any(t => t.Equals(EntityTagHeaderValue.Any) || t.Compare(tag, useStrongComparison: false));
    }
}
