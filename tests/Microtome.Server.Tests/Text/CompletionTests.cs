using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.TestHost;
using Microtome.Decoding;
using Microtome.Language;
using Microtome.Language.Tests;

namespace Microtome.Server.Tests;

public sealed class CompletionTests : IAsyncLifetime
{
    private readonly string folder = Directory.CreateTempSubdirectory("microtome-text-").FullName;
    private readonly DecoderModel model = DecoderModel.Random(new() { Width = 32, Hidden = 48, Layers = 2, Heads = 2, KeyHeads = 1, HeadWidth = 16, Vocabulary = 257, Context = 4096, QueryScale = 0.25f }, WeightFormat.Float32, 3);
    private readonly Microtome.Decoding.Decoder decoder;
    private WebApplication app = null!;
    private HttpClient client = null!;

    public CompletionTests() => decoder = new(model, new() { Threads = 1, Sequences = 2 });

    public async ValueTask InitializeAsync()
    {
        ByteTokenizer.Write(folder);
        app = TextServerHost.Create(new TextGenerator(model, decoder, Tokenizers.Load(folder)), new TextServerOptions { Model = "tiny", Queue = 2 }, static builder => builder.WebHost.UseTestServer());
        await app.StartAsync();
        client = app.GetTestClient();
    }

    public async ValueTask DisposeAsync()
    {
        client.Dispose();
        await app.DisposeAsync();
        decoder.Dispose();
        model.Dispose();
        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public async Task Models_Asked_NameTheOne() => Assert.Equal("tiny", (string?)JsonNode.Parse(await client.GetStringAsync("/v1/models"))!["data"]![0]!["id"]);

    [Fact]
    public async Task Completions_WholeAndStreamed_AreTheSameText()
    {
        var (status, whole) = await PostAsync("""{"model":"tiny","prompt":"Hello","max_tokens":20,"temperature":0.8,"seed":7}""");
        Assert.Equal(HttpStatusCode.OK, status);
        var answer = JsonNode.Parse(whole)!;
        Assert.Equal("text_completion", (string?)answer["object"]);
        Assert.Equal(5, (int?)answer["usage"]!["prompt_tokens"]);
        var text = (string?)answer["choices"]![0]!["text"];
        var (_, streamed) = await PostAsync("""{"model":"tiny","prompt":"Hello","max_tokens":20,"temperature":0.8,"seed":7,"stream":true}""");
        var events = streamed.Split("\n\n", StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal("data: [DONE]", events[^1]);
        var parts = events[..^1].Select(static e => JsonNode.Parse(e["data: ".Length..])!["choices"]![0]!).ToArray();
        Assert.Equal(text, string.Concat(parts.Select(static p => (string?)p["text"])));
        Assert.Equal((string?)answer["choices"]![0]!["finish_reason"], (string?)parts[^1]["finish_reason"]);
    }

    [Fact]
    public async Task Completions_SeveralPromptsEchoed_AreAnsweredInOrder()
    {
        var (_, text) = await PostAsync("""{"prompt":["a","bc","def"],"max_tokens":4,"temperature":0,"echo":true}""");
        var choices = JsonNode.Parse(text)!["choices"]!.AsArray();
        Assert.Equal([0, 1, 2], choices.Select(static c => (int)c!["index"]!));
        Assert.StartsWith("bc", (string?)choices[1]!["text"], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Completions_TokensAsPrompt_AreTheSameAsTheirText()
    {
        var (_, tokens) = await PostAsync("""{"prompt":[72,105],"max_tokens":6,"temperature":0}""");
        var (_, text) = await PostAsync("""{"prompt":"Hi","max_tokens":6,"temperature":0}""");
        Assert.Equal((string?)JsonNode.Parse(text)!["choices"]![0]!["text"], (string?)JsonNode.Parse(tokens)!["choices"]![0]!["text"]);
    }

    [Theory]
    [InlineData("{", HttpStatusCode.BadRequest)]
    [InlineData("[]", HttpStatusCode.BadRequest)]
    [InlineData("{}", HttpStatusCode.BadRequest)]
    [InlineData("""{"prompt":7}""", HttpStatusCode.BadRequest)]
    [InlineData("""{"prompt":[]}""", HttpStatusCode.BadRequest)]
    [InlineData("""{"prompt":"a","n":2}""", HttpStatusCode.BadRequest)]
    [InlineData("""{"prompt":"a","max_tokens":-1}""", HttpStatusCode.BadRequest)]
    [InlineData("""{"prompt":"a","max_tokens":1e12}""", HttpStatusCode.BadRequest)]
    [InlineData("""{"prompt":"a","temperature":-1}""", HttpStatusCode.BadRequest)]
    [InlineData("""{"prompt":"a","top_p":0}""", HttpStatusCode.BadRequest)]
    [InlineData("""{"prompt":"a","stop":[1]}""", HttpStatusCode.BadRequest)]
    [InlineData("""{"prompt":[300]}""", HttpStatusCode.BadRequest)]
    [InlineData("""{"prompt":[300],"stream":true}""", HttpStatusCode.BadRequest)]
    [InlineData("""{"prompt":"a","model":"gpt"}""", HttpStatusCode.NotFound)]
    public async Task Completions_WhatCannotBe_IsRefusedInWords(string body, HttpStatusCode expected)
    {
        var (status, text) = await PostAsync(body);
        Assert.Equal(expected, status);
        Assert.NotEqual(string.Empty, (string?)JsonNode.Parse(text)!["error"]!["message"] ?? string.Empty);
    }

    [Fact]
    public async Task Completions_LongerThanTheContext_SaysSo()
    {
        var (status, text) = await PostAsync($$"""{"prompt":"{{new string('a', 5000)}}"}""");
        Assert.Equal(HttpStatusCode.BadRequest, status);
        Assert.Contains("5000 tokens", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Completions_TooMany_AreRefusedAndWhoGoesIsForgotten()
    {
        const string Long = """{"prompt":"a","max_tokens":4000,"temperature":1,"stream":true}""";
        string? refusal = null;

        // Twelve at once where three have room: some are refused, unless they are all so quick that they never meet; then again.
        for (var round = 0; round < 20 && refusal is null; round++)
        {
            using var gone = new CancellationTokenSource();
            var running = Enumerable.Range(0, 12).Select(_ => PostAsync(Long, gone.Token)).ToList();
            for (var pending = running.ToList(); pending.Count > 0 && refusal is null;)
            {
                var first = await Task.WhenAny(pending);
                pending.Remove(first);
                if (await first is (HttpStatusCode.TooManyRequests, var text))
                    refusal = text;
            }

            await gone.CancelAsync();
            await Task.WhenAll(running.Select(static t => t.ContinueWith(static _ => { }, TaskScheduler.Default)));
        }

        Assert.Contains("rate_limit_error", refusal, StringComparison.Ordinal);
        for (var i = 0; i < 100; i++)
        {
            var (status, _) = await PostAsync("""{"prompt":"a","max_tokens":1}""");
            if (status == HttpStatusCode.OK)
                return;
            await Task.Delay(50);
        }

        Assert.Fail("requests whose clients are gone still hold the queue");
    }

    [Fact]
    public async Task Completions_FromAForeignPage_AreRefused()
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/completions") { Content = new StringContent("""{"prompt":"a"}""", Encoding.UTF8, "application/json") };
        request.Headers.Add("Origin", "http://evil.example");
        using var answer = await client.SendAsync(request);
        Assert.Equal(HttpStatusCode.Forbidden, answer.StatusCode);
    }

    private async Task<(HttpStatusCode Status, string Text)> PostAsync(string body, CancellationToken cancellation = default)
    {
        using var content = new StringContent(body, Encoding.UTF8, "application/json");
        using var answer = await client.PostAsync("/v1/completions", content, cancellation);
        return (answer.StatusCode, await answer.Content.ReadAsStringAsync(cancellation));
    }
}
