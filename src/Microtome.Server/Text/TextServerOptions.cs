namespace Microtome.Server;

/// <summary>Whom the text server answers, within which limits.</summary>
public sealed record TextServerOptions
{
    /// <summary>The name of the model in requests and answers.</summary>
    public string Model { get; init; } = "model";

    /// <summary>Where to listen. Only loopback without a <see cref="Token"/>. Port 0 takes a free one.</summary>
    public string Url { get; init; } = "http://127.0.0.1:8643";

    /// <summary>The bearer token that every request must bring, or null.</summary>
    public string? Token { get; init; }

    /// <summary>Requests that wait while one is answered; more are refused with 429.</summary>
    public int Queue { get; init; } = 16;

    /// <summary>Tokens of an answer that a request may ask for.</summary>
    public int MostTokens { get; init; } = 4096;

    /// <summary>Whether every request is logged.</summary>
    public bool Verbose { get; init; }
}
