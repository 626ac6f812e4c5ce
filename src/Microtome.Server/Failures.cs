using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Microtome.Imaging;
using Microtome.Ledger;

namespace Microtome.Server;

/// <summary>Turns exceptions into answers: a sentence in JSON (<c>{"error": "..."}</c>), never a stack.</summary>
internal sealed class Failures(RequestDelegate next, ILogger<Failures> log)
{
    public async Task InvokeAsync(HttpContext context)
    {
        try
        {
            await next(context);
            if (context.Response is { HasStarted: false, StatusCode: >= 400 and not 499 and var answered, ContentLength: null, ContentType: null })
                await WriteAsync(context, answered, Sentence(answered), context.RequestAborted);
        }
        catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
        {
            // Nobody waits for the answer: the viewer moved on.
            if (!context.Response.HasStarted)
                context.Response.StatusCode = 499;
        }
        catch (Exception e) when (!context.Response.HasStarted)
        {
            var (status, message) = e switch
            {
                RequestException request => (request.Status, request.Message),
                BadHttpRequestException bad => (bad.StatusCode, bad.Message),
                SlideException => (StatusCodes.Status422UnprocessableEntity, e.Message),
                InvalidDataException => (StatusCodes.Status422UnprocessableEntity, e.Message),
                LedgerException => (StatusCodes.Status503ServiceUnavailable, e.Message),
                FileNotFoundException or DirectoryNotFoundException => (StatusCodes.Status404NotFound, "The file is no longer there."),
                UnauthorizedAccessException => (StatusCodes.Status403Forbidden, "The file may not be read or written (permissions)."),
                IOException io => (StatusCodes.Status507InsufficientStorage, "The file cannot be read or written: " + io.Message),
                _ => (StatusCodes.Status500InternalServerError, "This is a bug in microtome; the server's log has the details."),
            };
            if (status >= 500)
                log.LogError(e, "{Method} {Path} failed", context.Request.Method, context.Request.Path);
            // The security headers stay; what described the answer that was not given goes.
            foreach (string header in (ReadOnlySpan<string>)["ETag", "Last-Modified", "Content-Length", "Content-Type", "Content-Disposition", "Accept-Ranges", "Content-Range"])
                context.Response.Headers.Remove(header);
            await WriteAsync(context, status, message, context.RequestAborted);
        }
    }

    // What the framework itself refuses, it refuses without a word.
    private static string Sentence(int status) => status switch
    {
        StatusCodes.Status404NotFound => "There is nothing at this address.",
        StatusCodes.Status405MethodNotAllowed => "This address does not know this method; see /openapi/v1.json.",
        StatusCodes.Status415UnsupportedMediaType => "The body's Content-Type is not what this address takes; see /openapi/v1.json.",
        StatusCodes.Status416RangeNotSatisfiable => "The range lies outside the file.",
        _ => "The request cannot be answered; see /openapi/v1.json.",
    };

    public static Task WriteAsync(HttpContext context, int status, string message, CancellationToken cancellation)
    {
        context.Response.StatusCode = status;
        context.Response.Headers.CacheControl = "no-store";
        return context.Response.WriteAsJsonAsync(new Failure(message), ServerJson.Default.Failure, cancellationToken: cancellation);
    }

    /// <summary>The body of every answer that is no success.</summary>
    /// <param name="Error">What is wrong and what to do.</param>
    internal sealed record Failure(string Error);
}

/// <summary>A request that cannot be answered.</summary>
/// <param name="status">The HTTP status.</param>
/// <param name="message">What is wrong and what to do.</param>
internal sealed class RequestException(int status, string message) : Exception(message)
{
    public int Status { get; } = status;

    public static RequestException NotFound(string message) => new(StatusCodes.Status404NotFound, message);

    public static RequestException Bad(string message) => new(StatusCodes.Status400BadRequest, message);
}
