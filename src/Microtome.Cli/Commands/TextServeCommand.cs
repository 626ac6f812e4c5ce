using System.CommandLine;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microtome.Imaging;
using Microtome.Server;

namespace Microtome.Cli.Commands;

/// <summary><c>text serve MODEL</c>: a language model behind OpenAI's addresses for completions.</summary>
internal static class TextServeCommand
{
    public static Command Create()
    {
        var model = new Argument<string>("MODEL") { Description = "A folder with config.json, model.safetensors and tokenizer.json.", HelpName = "MODEL" };
        var urls = new Option<string>("--urls") { Description = "Where to listen. Beyond this machine only with --token.", HelpName = "URL", DefaultValueFactory = static _ => new TextServerOptions().Url };
        var token = new Option<string?>("--token") { Description = "Every request must bring this token (16 characters or more; also from MICROTOME_TOKEN).", HelpName = "TEXT" };
        var queue = new Option<int>("--queue") { Description = "Requests that may wait; more are refused.", HelpName = "N", DefaultValueFactory = static _ => 16 };
        var side = new Option<int>("--sequences") { Description = "Prompts of a request that are decoded side by side.", HelpName = "N", DefaultValueFactory = static _ => 4 };
        var options = new TextModelOptions();
        var command = new Command("serve", "Answer OpenAI-style completion requests with a language model.") { model, urls, token, queue, side };
        options.AddTo(command);
        command.SetAction(async (parsed, cancellation) =>
        {
            var settings = CommonSettings.From(parsed);
            if (parsed.GetValue(queue) is < 0 or > 10_000)
                throw new UsageException($"--queue {parsed.GetValue(queue)}: it must lie in 0 to 10000.");
            if (parsed.GetValue(side) is < 1 or > 16)
                throw new UsageException($"--sequences {parsed.GetValue(side)}: it must lie in 1 to 16.");
            using var open = options.Open(parsed, parsed.GetValue(model)!, parsed.GetValue(side), greedy: true);
            var given = parsed.GetValue(token) ?? (Environment.GetEnvironmentVariable("MICROTOME_TOKEN") is { Length: > 0 } text ? text : null);
            await using var app = TextServerHost.Create(open.Generator, new TextServerOptions
            {
                Model = open.Name,
                Url = parsed.GetValue(urls)!,
                Token = given,
                Queue = parsed.GetValue(queue),
                MostTokens = open.Decoder.Context,
                Verbose = settings.Verbose,
            });
            await app.StartAsync(cancellation);
            var url = app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First();
            if (settings.Json)
                Answer.Json(new JsonObject { ["url"] = url, ["model"] = open.Name });
            else
                Answer.Line($"listening on {url}");
            Answer.Log(open.Description);
            using var stop = cancellation.Register(app.Services.GetRequiredService<IHostApplicationLifetime>().StopApplication);
            await app.WaitForShutdownAsync(CancellationToken.None);
            return ExitCode.Done;
        });
        return command;
    }
}
