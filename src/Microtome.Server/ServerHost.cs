using System.Net;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Threading.RateLimiting;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.RateLimiting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using OpenTelemetry.Metrics;

namespace Microtome.Server;

/// <summary>The viewer's server: results and slides that were named at start, read only but for annotations, outlines and labels.</summary>
public static class ServerHost
{
    /// <summary>The largest body of a request: an outline or a set of annotations.</summary>
    public const long MostBytes = 32 << 20;

    /// <summary>Makes the server; nothing listens until it is started.</summary>
    /// <param name="options">What to serve.</param>
    /// <param name="configure">Changes of a test.</param>
    /// <exception cref="Imaging.UsageException">An option that cannot be honoured.</exception>
    public static WebApplication Create(ServerOptions options, Action<WebApplicationBuilder>? configure = null)
    {
        var url = options.CheckedUrl();
        var cohort = options.Ledger is { } ledger ? new OpenCohort(ledger) : null;
        try
        {
            return Create(cohort is null || options.Results.Any(r => SafePath.Real(r) == SafePath.Real(cohort.Output)) ? options : options with { Results = [.. options.Results, cohort.Output] }, url, cohort, configure);
        }
        catch
        {
            cohort?.Dispose();
            throw;
        }
    }

    private static WebApplication Create(ServerOptions options, Uri url, OpenCohort? cohort, Action<WebApplicationBuilder>? configure)
    {
        // An empty builder: no configuration files, no environment variables, no command line decide anything.
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions { ApplicationName = "microtome", ContentRootPath = AppContext.BaseDirectory });
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = MostBytes;
            kestrel.Limits.MaxRequestLineSize = 8 << 10;
            kestrel.Limits.MaxRequestHeadersTotalSize = 16 << 10;
            kestrel.Limits.MaxConcurrentConnections = 1000;
            kestrel.Limits.RequestHeadersTimeout = TimeSpan.FromSeconds(10);
            Listen(kestrel, url);
        });
        builder.Logging.AddJsonConsole(json => json.UseUtcTimestamp = true);
        builder.Logging.SetMinimumLevel(LogLevel.Information);
        builder.Logging.AddFilter("Microsoft", LogLevel.Warning);
        builder.Logging.AddFilter("Microsoft.AspNetCore.Diagnostics.ExceptionHandlerMiddleware", LogLevel.None);
        var services = builder.Services;
        services.Configure<Microsoft.Extensions.Logging.Console.ConsoleLoggerOptions>(console => console.LogToStandardErrorThreshold = LogLevel.Trace);
        services.AddRoutingCore();
        services.AddOpenApi("v1", document => document.AddDocumentTransformer((d, _, _) =>
        {
            d.Info = new() { Title = "Microtome viewer", Version = "1", Description = "Slides, maps, nuclei, annotations. Coordinates are level-0 pixels." };
            return Task.CompletedTask;
        }));
        services.ConfigureHttpJsonOptions(json =>
        {
            json.SerializerOptions.NumberHandling = JsonNumberHandling.Strict;
            json.SerializerOptions.PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower;
            json.SerializerOptions.DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull;
        });
        services.AddRateLimiter(limiter => RequestLimits.Configure(limiter, options));
        services.AddOpenTelemetry().WithMetrics(metrics => metrics.AddAspNetCoreInstrumentation().AddRuntimeInstrumentation().AddMeter(ServerMetrics.MeterName).AddPrometheusExporter());
        services.AddResponseCompression();
        services.AddSingleton(options);
        services.AddSingleton<ResultCatalog>();
        services.AddSingleton<SlidePool>();
        services.AddSingleton<MapStore>();
        services.AddSingleton<TileCache>();
        services.AddSingleton(new AnnotationStore());
        services.AddSingleton(new LabelStore());
        services.AddSingleton<NucleusStore>();
        services.AddSingleton<RunningAnalyses>();
        services.AddSingleton<TrainingRuns>();
        services.AddSingleton<ServerMetrics>();
        // Made by a factory, so that it is closed with the server.
        if (cohort is not null)
            services.AddSingleton(_ => cohort);
        services.AddSingleton<WarmUp>();
        services.AddHostedService(static all => all.GetRequiredService<WarmUp>());
        services.Configure<HostOptions>(host => host.ShutdownTimeout = TimeSpan.FromSeconds(5));
        configure?.Invoke(builder);

        var app = builder.Build();
        // A folder that is not there is refused now, not at the first request.
        _ = app.Services.GetRequiredService<ResultCatalog>();
        // Gauges are seen from the start, not from the first tile on.
        _ = app.Services.GetRequiredService<ServerMetrics>();
        _ = app.Services.GetService<OpenCohort>();
        app.UseMiddleware<RequestLog>();
        app.UseMiddleware<Failures>();
        app.UseMiddleware<AccessGuard>();
        app.UseMiddleware<HeadRequests>();
        app.UseRateLimiter();
        // On one machine packing costs more than it saves.
        if (!url.IsLoopback)
            app.UseResponseCompression();
        app.UseRouting();
        app.UseEndpoints(_ => { });
        app.MapOpenApi("/openapi/{documentName}.json");
        app.MapPrometheusScrapingEndpoint("/metrics");
        app.MapGet("/health", () => TypedResults.Ok(new Health("ok"))).WithTags("server").WithSummary("Whether the server answers.");
        app.MapCatalog();
        app.MapMaps();
        app.MapTiles();
        app.MapIiif();
        app.MapAnnotations();
        app.MapEvents();
        app.MapLabels();
        app.MapNuclei();
        app.MapCohort();
        app.MapTraining();
        app.MapViewer(options);
        return app;
    }

    /// <summary>Waits until the first slide of the list can be shown without code that has never run and files that were never opened.</summary>
    /// <param name="app">A server that has been started.</param>
    /// <param name="longest">How long at most; what is not done by then goes on in the background.</param>
    /// <param name="cancellation">Ends the wait early.</param>
    /// <returns>A task that ends with the wait, whichever way; it never fails.</returns>
    public static async Task WarmAsync(WebApplication app, TimeSpan longest, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(app);
        await Task.WhenAny(app.Services.GetRequiredService<WarmUp>().Done, Task.Delay(longest, cancellation));
    }

    internal static void Listen(KestrelServerOptions kestrel, Uri url)
    {
        if (url.Host == "localhost" && url.Port != 0)
            kestrel.ListenLocalhost(url.Port);
        else if (IPAddress.TryParse(url.Host.Trim('[', ']'), out var address))
            kestrel.Listen(address, url.Port);
        else if (url.Host == "localhost")
            kestrel.Listen(IPAddress.Loopback, 0);
        else
            throw new Imaging.UsageException($"--urls '{url}': give an address of this machine in numbers, such as 127.0.0.1 or 0.0.0.0.");
    }

    /// <summary>The answer of <c>/health</c>.</summary>
    /// <param name="Status">Always ok.</param>
    public sealed record Health(string Status);
}
