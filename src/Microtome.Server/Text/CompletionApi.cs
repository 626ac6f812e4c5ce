using System.Text.Json;
using System.Text.Json.Nodes;
using System.Threading.Channels;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microtome.Decoding;
using Microtome.Language;

namespace Microtome.Server;

/// <summary>The addresses that OpenAI's clients of completions know.</summary>
internal static class CompletionApi
{
    private const int MostBytes = 4 << 20;
    private static readonly DateTimeOffset s_started = DateTimeOffset.UtcNow;

    public static void MapCompletions(this IEndpointRouteBuilder app, TextQueue queue, TextServerOptions options)
    {
        app.MapGet("/v1/models", (HttpContext context) => WriteAsync(context, new JsonObject
        {
            ["object"] = "list",
            ["data"] = new JsonArray(new JsonObject { ["id"] = options.Model, ["object"] = "model", ["created"] = s_started.ToUnixTimeSeconds(), ["owned_by"] = "microtome" }),
        }));
        app.MapPost("/v1/completions", (HttpContext context) => CompleteAsync(context, queue, options));
    }

    private static async Task CompleteAsync(HttpContext context, TextQueue queue, TextServerOptions options)
    {
        if (context.Request.ContentLength > MostBytes)
            throw new RequestException(StatusCodes.Status413PayloadTooLarge, $"The body has more than {MostBytes} bytes.");
        CompletionRequest request;
        try
        {
            using var json = await JsonDocument.ParseAsync(context.Request.Body, new JsonDocumentOptions { MaxDepth = 16 }, context.RequestAborted);
            request = CompletionRequest.Parse(json.RootElement, options);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            throw RequestException.Bad("The body is not valid JSON.");
        }

        var id = $"cmpl-{Guid.NewGuid():N}";
        if (request.Stream)
            await StreamAsync(context, queue, options, request, id);
        else
            await WholeAsync(context, queue, options, request, id);
    }

    private static async Task WholeAsync(HttpContext context, TextQueue queue, TextServerOptions options, CompletionRequest request, string id)
    {
        var answers = await RunAsync(queue, request, null, context.RequestAborted);
        var body = Body(id, options);
        body["choices"] = new JsonArray([.. answers.Select((a, i) => (JsonNode)Choice(i, Prefix(request, i) + a.Text, a.Stopped ? "stop" : "length"))]);
        body["usage"] = Usage(answers);
        await WriteAsync(context, body);
    }

    private static async Task StreamAsync(HttpContext context, TextQueue queue, TextServerOptions options, CompletionRequest request, string id)
    {
        var pieces = Channel.CreateUnbounded<(int Index, string Text)>(new UnboundedChannelOptions { SingleReader = true });
        using var gone = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted);
        var work = RunAsync(queue, request, (i, text) => pieces.Writer.TryWrite((i, text)), gone.Token);
        _ = work.ContinueWith(static (_, state) => ((ChannelWriter<(int, string)>)state!).TryComplete(), pieces.Writer, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        try
        {
            // A request that is refused is answered with its status: nothing is sent before the first piece, or the end.
            if (!await pieces.Reader.WaitToReadAsync(context.RequestAborted))
                await work;
            context.Response.ContentType = "text/event-stream";
            context.Response.Headers.CacheControl = "no-store";
            for (var i = 0; i < request.Prompts.Count && request.Echo; i++)
                await SendAsync(Choice(i, Prefix(request, i), null));
            await foreach (var (index, text) in pieces.Reader.ReadAllAsync(context.RequestAborted))
                await SendAsync(Choice(index, text, null));
            var answers = await work;
            for (var i = 0; i < answers.Count; i++)
                await SendAsync(Choice(i, string.Empty, answers[i].Stopped ? "stop" : "length"));
            await context.Response.WriteAsync("data: [DONE]\n\n", context.RequestAborted);
        }
        catch
        {
            // Who is gone no longer holds up the others.
            await gone.CancelAsync();
            throw;
        }

        async Task SendAsync(JsonObject choice)
        {
            var body = Body(id, options);
            body["choices"] = new JsonArray(choice);
            await context.Response.WriteAsync($"data: {body.ToJsonString()}\n\n", context.RequestAborted);
            await context.Response.Body.FlushAsync(context.RequestAborted);
        }
    }

    private static async Task<IReadOnlyList<GeneratedText>> RunAsync(TextQueue queue, CompletionRequest request, Action<int, string>? onText, CancellationToken cancellation)
    {
        try
        {
            return await queue.RunAsync(generator => generator.Run([.. request.Prompts.Select(p => p.Tokens ?? generator.Encode(p.Text!))], request.Options, onText, cancellation), cancellation);
        }
        catch (DecodingException e)
        {
            throw RequestException.Bad(e.Message);
        }
    }

    private static string Prefix(CompletionRequest request, int index) => request.Echo ? request.Prompts[index].Text ?? string.Empty : string.Empty;

    private static JsonObject Body(string id, TextServerOptions options) => new() { ["id"] = id, ["object"] = "text_completion", ["created"] = DateTimeOffset.UtcNow.ToUnixTimeSeconds(), ["model"] = options.Model };

    private static JsonObject Choice(int index, string text, string? reason) => new() { ["text"] = text, ["index"] = index, ["logprobs"] = null, ["finish_reason"] = reason };

    private static JsonObject Usage(IReadOnlyList<GeneratedText> answers)
    {
        int prompt = answers.Sum(static a => a.PromptTokens), made = answers.Sum(static a => a.Tokens);
        return new JsonObject { ["prompt_tokens"] = prompt, ["completion_tokens"] = made, ["total_tokens"] = prompt + made };
    }

    private static Task WriteAsync(HttpContext context, JsonNode node)
    {
        context.Response.ContentType = "application/json";
        context.Response.Headers.CacheControl = "no-store";
        return context.Response.WriteAsync(node.ToJsonString(), context.RequestAborted);
    }
}
