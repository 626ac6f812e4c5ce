using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Microtome.Server;

/// <summary>Turns exceptions into the errors that OpenAI's clients read: <c>{"error": {"message": ..., "type": ..., "code": ...}}</c>.</summary>
internal sealed class TextFailures(RequestDelegate next, ILogger<TextFailures> log)
{
    public async Task InvokeAsync(HttpContext context)
    {
        try
        {
            await next(context);
            if (context.Response is { HasStarted: false, StatusCode: 404 or 405, ContentType: null })
                await WriteAsync(context, context.Response.StatusCode, "There is nothing at this address; /v1/completions and /v1/models are.");
        }
        catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
        {
            if (!context.Response.HasStarted)
                context.Response.StatusCode = 499;
        }
        catch (Exception e) when (!context.Response.HasStarted)
        {
            var (status, message) = e switch
            {
                RequestException request => (request.Status, request.Message),
                BadHttpRequestException bad => (bad.StatusCode, bad.Message),
                _ => (StatusCodes.Status500InternalServerError, "This is a bug in microtome; the server's log has the details."),
            };
            if (status >= 500)
                log.LogError(e, "{Method} {Path} failed", context.Request.Method, context.Request.Path);
            if (status == StatusCodes.Status429TooManyRequests)
                context.Response.Headers.RetryAfter = "1";
            await WriteAsync(context, status, message);
        }
    }

    private static Task WriteAsync(HttpContext context, int status, string message)
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = "application/json";
        context.Response.Headers.CacheControl = "no-store";
        var type = status == StatusCodes.Status429TooManyRequests ? "rate_limit_error" : status >= 500 ? "server_error" : "invalid_request_error";
        return context.Response.WriteAsync(new JsonObject { ["error"] = new JsonObject { ["message"] = message, ["type"] = type, ["param"] = null, ["code"] = null } }.ToJsonString(), context.RequestAborted);
    }
}
