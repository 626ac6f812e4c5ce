using System.Diagnostics;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Microtome.Server;

/// <summary>A line a request with --verbose; otherwise only those that failed.</summary>
internal sealed class RequestLog(RequestDelegate next, ServerOptions options, ILogger<RequestLog> log)
{
    public async Task InvokeAsync(HttpContext context)
    {
        long start = Stopwatch.GetTimestamp();
        await next(context);
        int status = context.Response.StatusCode;
        double milliseconds = Math.Round(Stopwatch.GetElapsedTime(start).TotalMilliseconds, 2);
        if (options.Verbose || status >= 500)
            log.LogInformation("{Method} {Path} {Status} {Milliseconds}", context.Request.Method, context.Request.Path.Value, status, milliseconds);
    }
}
