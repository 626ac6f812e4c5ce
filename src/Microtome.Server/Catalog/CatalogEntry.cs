using System.Collections.Frozen;
using System.Text.Json.Nodes;

namespace Microtome.Server;

/// <summary>One slide that the server shows: results, a picture, or both.</summary>
public sealed record CatalogEntry
{
    /// <summary>Its name in addresses; unique. Never used as a path.</summary>
    public required string Id { get; init; }

    /// <summary>The slide's name.</summary>
    public required string Name { get; init; }

    /// <summary>The group that it is listed under: the results' folder, or the cancer type of published maps.</summary>
    public required string Group { get; init; }

    /// <summary>The folder of its results, without symbolic links; null when there are none.</summary>
    public string? Folder { get; init; }

    /// <summary>The slide's file or <c>synthetic:</c> address; null when it is not known or no longer the one that was analysed.</summary>
    public string? SlidePath { get; init; }

    /// <summary>Why the slide itself cannot be shown; null when it can.</summary>
    public string? SlideProblem { get; init; }

    /// <summary>A published combined map (a PNG), when the entry is one.</summary>
    public string? PublishedMap { get; init; }

    /// <summary>The pixel size that was used, um per pixel; null when unknown.</summary>
    public double? Mpp { get; init; }

    /// <summary>Level-0 size in pixels as the results state it; 0 when they do not.</summary>
    public (long Width, long Height) Size { get; init; }

    /// <summary>summary.json; empty when there is none.</summary>
    public JsonObject Summary { get; init; } = [];

    /// <summary>Why the slide failed in the last run; null when it did not.</summary>
    public string? Error { get; init; }

    /// <summary>Changes when the results change.</summary>
    public required string Version { get; init; }

    /// <summary>What made its maps, by task (til, tumor), as far as provenance.json says.</summary>
    public IReadOnlyDictionary<string, MapOrigin> Origins { get; init; } = FrozenDictionary<string, MapOrigin>.Empty;

    /// <summary>The files that all this was read from, as they were then.</summary>
    internal IReadOnlyList<FileState> Sources { get; init; } = [];

    /// <summary>Whether a file that it was read from has changed, come or gone since.</summary>
    internal bool IsOutdated()
    {
        foreach (var source in Sources)
        {
            if (source != FileState.Of(source.Path))
                return true;
        }

        return false;
    }

    /// <summary>The path of a result, or null when it is absent or a symbolic link leads out of the folder.</summary>
    public string? File(string name) => Folder is null ? null : SafePath.Inside(Folder, name);
}
