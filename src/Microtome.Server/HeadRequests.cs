using Microsoft.AspNetCore.Http;

namespace Microtome.Server;

/// <summary>Answers HEAD as GET without the body (RFC 9110, section 9.3.2).</summary>
internal sealed class HeadRequests(RequestDelegate next)
{
    public async Task InvokeAsync(HttpContext context)
    {
        if (!HttpMethods.IsHead(context.Request.Method))
        {
            await next(context);
            return;
        }

        // Kestrel itself sends no body for HEAD; routing only knows GET.
        context.Request.Method = HttpMethods.Get;
        var body = context.Response.Body;
        context.Response.Body = Stream.Null;
        try
        {
            await next(context);
        }
        finally
        {
            context.Response.Body = body;
            context.Request.Method = HttpMethods.Head;
        }
    }
}
