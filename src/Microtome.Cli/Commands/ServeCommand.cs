using System.CommandLine;
using System.Net.Sockets;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microtome.Imaging;
using Microtome.Ledger;
using Microtome.Server;

namespace Microtome.Cli;

/// <summary><c>serve OUT [SLIDES...]</c>: results in a browser.</summary>
internal static class ServeCommand
{
    private const string DefaultUrl = "http://127.0.0.1:8642";

    // Whoever opens the address at once shall not wait for a first slide that nobody has opened yet; but a slow disk shall not hide that the server runs.
    private static readonly TimeSpan LongestWarmUp = TimeSpan.FromSeconds(1.5);

    public static Command Create()
    {
        var paths = new Argument<string[]>("PATHS") { Description = "Folders of results (analyze -o), of published maps or of training runs, slides, and the ledger of a cohort (cohort.db, postgres://...).", HelpName = "OUT [SLIDES]", Arity = ArgumentArity.OneOrMore };
        var urls = new Option<string?>("--urls") { Description = $"Where to listen (default: {DefaultUrl}). Beyond this machine only with --token.", HelpName = "URL" };
        var token = new Option<string?>("--token") { Description = "Every request must bring this token (16 characters or more; also from MICROTOME_TOKEN).", HelpName = "TEXT" };
        var cache = new Option<int>("--cache") { Description = "Megabytes of encoded tiles to keep.", HelpName = "MB", DefaultValueFactory = static _ => 256 };
        var rate = new Option<int>("--rate") { Description = "Requests a second that one address may make.", HelpName = "N", DefaultValueFactory = static _ => 10_000 };
        var command = new Command("serve", "Show results in a browser: slides, maps, nuclei, cohorts, training runs.") { paths, urls, token, cache, rate };
        command.SetAction((result, cancellation) =>
        {
            var common = CommonSettings.From(result);
            if (result.GetValue(rate) is < 1 or > 1_000_000)
                throw new UsageException($"--rate {result.GetValue(rate)}: it must lie in 1 to 1000000.");
            string[] all = result.GetValue(paths)!;
            string[] ledgers = [.. all.Where(IsLedger)];
            if (ledgers.Length > 1)
                throw new UsageException("One ledger at a time: start a second 'microtome serve' for the other cohort.");
            var options = new ServerOptions
            {
                Results = [.. all.Where(Directory.Exists)],
                Slides = [.. all.Where(static p => !Directory.Exists(p) && !IsLedger(p))],
                Ledger = ledgers.FirstOrDefault(),
                Url = result.GetValue(urls) ?? DefaultUrl,
                Token = result.GetValue(token) ?? (Environment.GetEnvironmentVariable("MICROTOME_TOKEN") is { Length: > 0 } given ? given : null),
                CacheBytes = (long)result.GetValue(cache) << 20,
                RequestsPerSecond = result.GetValue(rate),
                Verbose = common.Verbose,
            };
            return RunAsync(options, common, freePort: result.GetValue(urls) is null, cancellation);
        });
        return command;
    }

    // A SQLite file that is none of a cohort is refused when it is opened, with words; so is one that is not there but is named like one.
    private static bool IsLedger(string path)
    {
        if (WorkLedger.IsServer(path))
            return true;
        if (Directory.Exists(path))
            return false;
        if (!File.Exists(path))
            return path.EndsWith(".db", StringComparison.OrdinalIgnoreCase);
        ReadOnlySpan<byte> expected = "SQLite format 3\0"u8;
        Span<byte> found = stackalloc byte[16];
        using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        return file.ReadAtLeast(found, found.Length, throwOnEndOfStream: false) == found.Length && found.SequenceEqual(expected);
    }

    private static async Task<int> RunAsync(ServerOptions options, CommonSettings common, bool freePort, CancellationToken cancellation)
    {
        var app = ServerHost.Create(options);
        try
        {
            try
            {
                await app.StartAsync(cancellation);
            }
            catch (IOException e) when (e.InnerException is Microsoft.AspNetCore.Connections.AddressInUseException or SocketException { SocketErrorCode: SocketError.AddressAlreadyInUse })
            {
                if (!freePort)
                    throw new UsageException($"--urls '{options.Url}' is in use by another program. Choose another port, or 0 for a free one.", e);
                Answer.Log($"{options.Url} is in use (another viewer?); a free port is taken.");
                await app.DisposeAsync();
                app = ServerHost.Create(options with { Url = "http://127.0.0.1:0" });
                await app.StartAsync(cancellation);
            }

            await ServerHost.WarmAsync(app, LongestWarmUp, cancellation);
            string url = app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First();
            string open = options.Token is null ? url : url + "/?token=" + Uri.EscapeDataString(options.Token);
            if (common.Json)
                Answer.Json(new JsonObject { ["url"] = url });
            else
                Answer.Line($"listening on {url}");
            if (options.Token is not null)
                Answer.Log($"open {open}");
            var lifetime = app.Services.GetRequiredService<IHostApplicationLifetime>();
            using var stop = cancellation.Register(lifetime.StopApplication);
            await app.WaitForShutdownAsync(CancellationToken.None);
            return ExitCode.Done;
        }
        finally
        {
            await app.DisposeAsync();
        }
    }
}
