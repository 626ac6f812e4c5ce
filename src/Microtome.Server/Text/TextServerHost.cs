using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microtome.Language;

namespace Microtome.Server;

/// <summary>A language model behind OpenAI's addresses for completions.</summary>
public static class TextServerHost
{
    /// <summary>Makes the server; nothing listens until it is started.</summary>
    /// <param name="generator">The model; the caller owns it and disposes it after the server.</param>
    /// <param name="options">Whom it answers.</param>
    /// <param name="configure">Changes of a test.</param>
    /// <exception cref="Imaging.UsageException">An option that cannot be honoured.</exception>
    public static WebApplication Create(TextGenerator generator, TextServerOptions options, Action<WebApplicationBuilder>? configure = null)
    {
        var access = new ServerOptions { Url = options.Url, Token = options.Token, Verbose = options.Verbose };
        var url = access.CheckedUrl();
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions { ApplicationName = "microtome", ContentRootPath = AppContext.BaseDirectory });
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = 4 << 20;
            kestrel.Limits.MaxRequestLineSize = 8 << 10;
            kestrel.Limits.MaxRequestHeadersTotalSize = 16 << 10;
            kestrel.Limits.MaxConcurrentConnections = 200;
            kestrel.Limits.RequestHeadersTimeout = TimeSpan.FromSeconds(10);
            ServerHost.Listen(kestrel, url);
        });
        builder.Logging.AddJsonConsole(json => json.UseUtcTimestamp = true);
        builder.Logging.SetMinimumLevel(LogLevel.Information);
        builder.Logging.AddFilter("Microsoft", LogLevel.Warning);
        builder.Services.Configure<Microsoft.Extensions.Logging.Console.ConsoleLoggerOptions>(console => console.LogToStandardErrorThreshold = LogLevel.Trace);
        builder.Services.AddRoutingCore();
        builder.Services.AddSingleton(access);
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = TimeSpan.FromSeconds(5));
        // Made by a factory, so that it is closed with the server.
        builder.Services.AddSingleton(_ => new TextQueue(generator, options.Queue));
        configure?.Invoke(builder);
        var app = builder.Build();
        app.UseMiddleware<RequestLog>();
        app.UseMiddleware<TextFailures>();
        app.UseMiddleware<AccessGuard>();
        app.UseRouting();
        app.UseEndpoints(_ => { });
        app.MapGet("/health", (HttpContext context) => context.Response.WriteAsync("{\"status\":\"ok\"}"));
        app.MapCompletions(app.Services.GetRequiredService<TextQueue>(), options);
        return app;
    }
}
