using System.Threading.RateLimiting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.RateLimiting;

namespace Microtome.Server;

/// <summary>How many requests one address may make.</summary>
internal static class RequestLimits
{
    public static void Configure(RateLimiterOptions limiter, ServerOptions options)
    {
        limiter.RejectionStatusCode = StatusCodes.Status429TooManyRequests;
        limiter.GlobalLimiter = PartitionedRateLimiter.Create<HttpContext, string>(context => RateLimitPartition.GetTokenBucketLimiter(
            context.Connection.RemoteIpAddress?.ToString() ?? "local",
            _ => new TokenBucketRateLimiterOptions
            {
                TokenLimit = 3 * options.RequestsPerSecond,
                TokensPerPeriod = Math.Max(1, options.RequestsPerSecond / 10),
                ReplenishmentPeriod = TimeSpan.FromMilliseconds(100),
                QueueLimit = 0,
            }));
        limiter.OnRejected = static async (context, cancellation) =>
        {
            context.HttpContext.Response.Headers.RetryAfter = "1";
            await Failures.WriteAsync(context.HttpContext, StatusCodes.Status429TooManyRequests, "Too many requests from this address. Wait a second.", cancellation);
        };
    }
}
