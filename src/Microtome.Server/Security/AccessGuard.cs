using System.Net;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;

namespace Microtome.Server;

/// <summary>
/// Who may ask: everybody on this machine, or whoever brings the token. Other web pages may not (a page in the same browser could otherwise read slides through a host name that
/// points here, or post to us). Sets the headers that keep the page to itself.
/// </summary>
internal sealed class AccessGuard(RequestDelegate next, ServerOptions options)
{
    private const string Cookie = "microtome-token";
    private static readonly string s_policy = Policy();
    private readonly byte[]? token = options.Token is null ? null : SHA256.HashData(Encoding.UTF8.GetBytes(options.Token));
    private readonly bool loopback = options.CheckedUrl().IsLoopback;

    /// <summary>What a page may load: what comes from here, and scripts inside the page with these hashes.</summary>
    public static string Policy(params ReadOnlySpan<string> hashes) => string.Join("; ",
        "default-src 'none'", string.Join(' ', ["script-src 'self'", .. hashes]), "style-src 'self'", "img-src 'self' data: blob:", "connect-src 'self'", "font-src 'self'", "worker-src 'self'",
        "frame-ancestors 'none'", "base-uri 'none'", "form-action 'none'");

    public Task InvokeAsync(HttpContext context)
    {
        var headers = context.Response.Headers;
        headers.ContentSecurityPolicy = s_policy;
        headers.XContentTypeOptions = "nosniff";
        headers.XFrameOptions = "DENY";
        headers["Referrer-Policy"] = "no-referrer";
        headers["Cross-Origin-Resource-Policy"] = "same-origin";
        headers["Cross-Origin-Opener-Policy"] = "same-origin";
        headers["Permissions-Policy"] = "camera=(), microphone=(), geolocation=()";
        var request = context.Request;
        if (loopback && !IsLocal(request.Host.Host))
            return Failures.WriteAsync(context, StatusCodes.Status421MisdirectedRequest, $"This server answers to localhost only, not to '{request.Host.Host}'.", context.RequestAborted);
        if (!HttpMethods.IsGet(request.Method) && !HttpMethods.IsHead(request.Method) && !IsOwnPage(request))
            return Failures.WriteAsync(context, StatusCodes.Status403Forbidden, "Only the viewer's own page may change anything.", context.RequestAborted);
        if (token is null || request.Path == "/health" || Matches(Bearer(request)) || Matches(request.Cookies[Cookie]))
            return next(context);
        if (HttpMethods.IsGet(request.Method) && request.Path == "/" && Matches(request.Query["token"]))
        {
            // The token leaves the address bar at once; the cookie is for this page alone.
            context.Response.Cookies.Append(Cookie, options.Token!, new CookieOptions { HttpOnly = true, SameSite = SameSiteMode.Strict, IsEssential = true, Path = "/" });
            context.Response.Redirect("/");
            return Task.CompletedTask;
        }

        headers.WWWAuthenticate = "Bearer";
        return Failures.WriteAsync(context, StatusCodes.Status401Unauthorized, "This server wants its token: open the address that 'microtome serve' printed, or send 'Authorization: Bearer TOKEN'.", context.RequestAborted);
    }

    private static bool IsLocal(string host) => host is "localhost" || (IPAddress.TryParse(host.Trim('[', ']'), out var address) && IPAddress.IsLoopback(address));

    private static bool IsOwnPage(HttpRequest request) =>
        (!request.Headers.TryGetValue("Origin", out var origin) || (Uri.TryCreate(origin, UriKind.Absolute, out var uri) && uri.Authority == request.Host.Value))
        && (StringValues.IsNullOrEmpty(request.Headers["Sec-Fetch-Site"]) || request.Headers["Sec-Fetch-Site"] == "same-origin" || request.Headers["Sec-Fetch-Site"] == "none");

    private static string? Bearer(HttpRequest request) =>
        request.Headers.Authorization.ToString() is var value && value.StartsWith("Bearer ", StringComparison.Ordinal) ? value["Bearer ".Length..].Trim() : null;

    // Both sides hashed: the comparison takes the same time whatever was sent.
    private bool Matches(string? given) => given is not null && CryptographicOperations.FixedTimeEquals(SHA256.HashData(Encoding.UTF8.GetBytes(given)), token!);
}
