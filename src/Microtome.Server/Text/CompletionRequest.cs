using System.Text.Json;
using Microtome.Decoding;
using Microtome.Language;

namespace Microtome.Server;

/// <summary>The body of <c>POST /v1/completions</c>.</summary>
/// <param name="Prompts">Texts to continue; a prompt of tokens is kept as such.</param>
/// <param name="Options">How.</param>
/// <param name="Stream">Answer piece by piece.</param>
/// <param name="Echo">Begin the answer with the prompt.</param>
internal sealed record CompletionRequest(IReadOnlyList<CompletionRequest.Prompt> Prompts, GenerationOptions Options, bool Stream, bool Echo)
{
    private const int MostPrompts = 16;
    private const int MostStops = 16;

    /// <summary>Either a text or tokens.</summary>
    public sealed record Prompt(string? Text, int[]? Tokens);

    /// <summary>Reads it; unknown fields are ignored, as the usual clients expect, and values that change the answer are refused when they cannot be honoured.</summary>
    /// <exception cref="RequestException">What is wrong with it.</exception>
    public static CompletionRequest Parse(JsonElement root, TextServerOptions server)
    {
        if (root.ValueKind != JsonValueKind.Object)
            throw RequestException.Bad("The body must be a JSON object with a prompt.");
        if (root.TryGetProperty("model", out var model) && model.ValueKind == JsonValueKind.String && model.GetString() != server.Model)
            throw RequestException.NotFound($"There is no model '{model.GetString()}'; '{server.Model}' is served.");
        foreach (var (name, only) in (ReadOnlySpan<(string, double)>)[("n", 1), ("best_of", 1), ("frequency_penalty", 0), ("presence_penalty", 0)])
        {
            if (Number(root, name, only) != only)
                throw RequestException.Bad($"{name} other than {only} is not supported.");
        }

        foreach (var name in (ReadOnlySpan<string>)["logprobs", "suffix", "logit_bias"])
        {
            if (root.TryGetProperty(name, out var value) && value.ValueKind != JsonValueKind.Null)
                throw RequestException.Bad($"{name} is not supported.");
        }

        var most = Number(root, "max_tokens", 16);
        if (most < 0 || most > server.MostTokens || most != Math.Floor(most))
            throw RequestException.Bad($"max_tokens {most} must be a whole number from 0 to {server.MostTokens}.");
        var seed = Number(root, "seed", 0);
        try
        {
            return new CompletionRequest(
                ReadPrompts(root),
                new GenerationOptions
                {
                    MaximumTokens = (int)most,
                    Stop = Stops(root),
                    Sampling = new SamplingOptions { Temperature = Number(root, "temperature", 1), TopP = Number(root, "top_p", 1), TopK = (int)Math.Clamp(Number(root, "top_k", 0), -1, int.MaxValue), Seed = seed is > -9e15 and < 9e15 ? (long)seed : 0 }.Checked(),
                },
                Flag(root, "stream"),
                Flag(root, "echo"));
        }
        catch (DecodingException e)
        {
            throw RequestException.Bad(e.Message);
        }
    }

    private static List<Prompt> ReadPrompts(JsonElement root)
    {
        if (!root.TryGetProperty("prompt", out var prompt))
            throw RequestException.Bad("prompt is missing.");
        var prompts = new List<Prompt>();
        if (prompt.ValueKind == JsonValueKind.Array && prompt.GetArrayLength() > 0 && prompt[0].ValueKind != JsonValueKind.Number)
        {
            foreach (var item in prompt.EnumerateArray().Take(MostPrompts + 1))
                prompts.Add(One(item));
        }
        else
        {
            prompts.Add(One(prompt));
        }

        return prompts.Count <= MostPrompts ? prompts : throw RequestException.Bad($"At most {MostPrompts} prompts at a time.");
    }

    private static Prompt One(JsonElement item) => item.ValueKind switch
    {
        JsonValueKind.String => new Prompt(item.GetString()!, null),
        JsonValueKind.Array when item.EnumerateArray().All(static t => t.ValueKind == JsonValueKind.Number && t.TryGetInt32(out _)) => new Prompt(null, [.. item.EnumerateArray().Select(static t => t.GetInt32())]),
        _ => throw RequestException.Bad("prompt must be a text, a list of texts, or a list of tokens."),
    };

    private static string[] Stops(JsonElement root)
    {
        if (!root.TryGetProperty("stop", out var stop) || stop.ValueKind == JsonValueKind.Null)
            return [];
        if (stop.ValueKind == JsonValueKind.String)
            return [stop.GetString()!];
        if (stop.ValueKind != JsonValueKind.Array || stop.GetArrayLength() > MostStops || stop.EnumerateArray().Any(static s => s.ValueKind != JsonValueKind.String))
            throw RequestException.Bad($"stop must be a text or a list of at most {MostStops} texts.");
        return [.. stop.EnumerateArray().Select(static s => s.GetString()!)];
    }

    private static double Number(JsonElement root, string name, double otherwise) =>
        !root.TryGetProperty(name, out var value) || value.ValueKind == JsonValueKind.Null ? otherwise
        : value.ValueKind == JsonValueKind.Number ? value.GetDouble() : throw RequestException.Bad($"{name} must be a number.");

    private static bool Flag(JsonElement root, string name) =>
        root.TryGetProperty(name, out var value) && value.ValueKind is not (JsonValueKind.Null or JsonValueKind.False)
        && (value.ValueKind == JsonValueKind.True ? true : throw RequestException.Bad($"{name} must be true or false."));
}
