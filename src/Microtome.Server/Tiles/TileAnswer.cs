using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;

namespace Microtome.Server;

/// <summary>How tiles are sent: their tag is known before the work, so that a browser that has the tile costs nothing.</summary>
internal static class TileAnswer
{
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
