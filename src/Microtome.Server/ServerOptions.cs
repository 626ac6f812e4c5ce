namespace Microtome.Server;

/// <summary>What is served, to whom, within which limits.</summary>
public sealed record ServerOptions
{
    /// <summary>Folders of results: what <c>analyze -o</c> wrote, the folder of one slide in it, a folder of published combined maps, or training runs (a run, or a folder that holds some).</summary>
    public IReadOnlyList<string> Results { get; init; } = [];

    /// <summary>Slides that may be shown. A slide of the results is shown without being named here as long as its file is the one that was analysed.</summary>
    public IReadOnlyList<string> Slides { get; init; } = [];

    /// <summary>The ledger of a cohort, a SQLite file or the address of a PostgreSQL database, or null. The folder of its results is served as if it were named in <see cref="Results"/>.</summary>
    public string? Ledger { get; init; }

    /// <summary>Where to listen. Only loopback without a <see cref="Token"/>. Port 0 takes a free one.</summary>
    public string Url { get; init; } = "http://127.0.0.1:8642";

    /// <summary>The bearer token that every request must bring, or null.</summary>
    public string? Token { get; init; }

    /// <summary>Bytes of encoded tiles to keep.</summary>
    public long CacheBytes { get; init; } = 256L << 20;

    /// <summary>Bytes of nuclei to keep in memory, about 80 a nucleus; those of the slide that is looked at stay in any case.</summary>
    public long NucleusBytes { get; init; } = 512L << 20;

    /// <summary>Requests a second from one address, on average; short bursts may be three times as large.</summary>
    public int RequestsPerSecond { get; init; } = 10_000;

    /// <summary>Slides that are kept open at once.</summary>
    public int OpenSlides { get; init; } = 32;

    /// <summary>The folder of the built viewer; null looks for it beside the program.</summary>
    public string? WebFolder { get; init; }

    /// <summary>Whether the first slide of the list is opened in the background at start.</summary>
    public bool WarmUp { get; init; } = true;

    /// <summary>Whether every request is logged.</summary>
    public bool Verbose { get; init; }

    /// <summary>Refuses what could not work or would not be safe.</summary>
    /// <exception cref="Imaging.UsageException">The value, why, and what to do.</exception>
    public Uri CheckedUrl()
    {
        if (!Uri.TryCreate(Url, UriKind.Absolute, out var uri) || uri.Scheme is not ("http" or "https") || uri.AbsolutePath != "/")
            throw new Imaging.UsageException($"--urls '{Url}': give an address such as http://127.0.0.1:8642.");
        if (uri.Scheme == "https")
            throw new Imaging.UsageException($"--urls '{Url}': the server speaks plain http; put a reverse proxy with a certificate before it.");
        if (Token is { Length: < 16 })
            throw new Imaging.UsageException("--token: fewer than 16 characters can be guessed. Make one with: head -c 24 /dev/urandom | base64");
        bool loopback = uri.IsLoopback;
        if (!loopback && Token is null)
            throw new Imaging.UsageException($"--urls '{Url}' can be reached from other machines, and slides are patients' data: give --token as well, or listen on http://127.0.0.1:8642 and reach it through ssh -L.");
        if (CacheBytes < 1 << 20)
            throw new Imaging.UsageException("--cache: at least 1 MB.");
        return uri;
    }
}
