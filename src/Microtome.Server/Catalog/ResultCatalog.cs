using System.Collections.Concurrent;
using System.Collections.Frozen;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Logging;
using Microtome.Imaging;
using Microtome.Pathology;

namespace Microtome.Server;

/// <summary>
/// The slides of the folders and files that were named at start, and no others. Folders are looked at again once a second at most, so that the results of a running analysis
/// appear by themselves. Any thread may call.
/// </summary>
public sealed class ResultCatalog
{
    private static readonly TimeSpan s_fresh = TimeSpan.FromSeconds(1);
    private readonly ILogger<ResultCatalog> log;
    private readonly string[] folders;
    private readonly string[] slides;
    private readonly ConcurrentDictionary<string, CatalogEntry> known = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, bool> links = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, InputFingerprint> fingerprints = new(StringComparer.Ordinal);
    private readonly Lock turn = new();
    private Snapshot current = new([], FrozenDictionary<string, CatalogEntry>.Empty, 0);

    /// <summary>Looks at the folders for the first time.</summary>
    /// <exception cref="UsageException">A folder or slide does not exist.</exception>
    public ResultCatalog(ServerOptions options, ILogger<ResultCatalog> log)
    {
        this.log = log;
        folders = [.. options.Results.Select(f => SafePath.Real(f) is { } real && Directory.Exists(real) ? real : throw new UsageException($"{f}: there is no such folder. Name the folder of results (analyze -o), or a folder of combined maps."))];
        slides = [.. options.Slides.Select(s => s.StartsWith(Slide.SyntheticPrefix, StringComparison.OrdinalIgnoreCase) ? s : SafePath.Real(s) is { } real && File.Exists(real) ? real : throw new UsageException($"{s}: there is no such slide."))];
        current = Scan();
    }

    /// <summary>The folders that were named at start.</summary>
    public IReadOnlyList<string> Folders => folders;

    /// <summary>All slides, sorted by group and name.</summary>
    public IReadOnlyList<CatalogEntry> All => Fresh().Entries;

    /// <summary>Finds a slide as it is now; null when there is none of this name.</summary>
    public CatalogEntry? Find(string id)
    {
        if (current.ById.GetValueOrDefault(id) is not { } entry)
            return Fresh().ById.GetValueOrDefault(id);
        if (!entry.IsOutdated())
            return entry;
        lock (turn)
        {
            // Of several that saw the change one looks again.
            if (current.ById.GetValueOrDefault(id)?.IsOutdated() != false)
                current = Scan();
            return current.ById.GetValueOrDefault(id);
        }
    }

    private Snapshot Fresh()
    {
        if (Environment.TickCount64 - current.Taken < s_fresh.TotalMilliseconds)
            return current;
        lock (turn)
        {
            if (Environment.TickCount64 - current.Taken >= s_fresh.TotalMilliseconds)
                current = Scan();
            return current;
        }
    }

    private Snapshot Scan()
    {
        var found = new List<CatalogEntry>();
        var named = slides.ToDictionary(static s => s, NameOf, StringComparer.Ordinal);
        foreach (string folder in folders)
            AddFolder(folder, found, named);

        var used = found.Select(e => e.SlidePath).OfType<string>().ToHashSet(StringComparer.Ordinal);
        foreach (string slide in slides.Where(s => !used.Contains(s)))
            found.Add(new CatalogEntry { Id = named[slide], Name = named[slide], Group = "slides", SlidePath = slide, Version = Stamp(slide), Sources = [FileState.Of(slide)] });

        var entries = new List<CatalogEntry>(found.Count);
        var byId = new Dictionary<string, CatalogEntry>(StringComparer.Ordinal);
        foreach (var entry in found.OrderBy(e => e.Group, StringComparer.Ordinal).ThenBy(e => e.Name, StringComparer.Ordinal))
        {
            string id = entry.Id;
            for (int n = 2; byId.ContainsKey(id); n++)
                id = $"{entry.Id}~{n}";
            byId[id] = entry.Id == id ? entry : entry with { Id = id };
            entries.Add(byId[id]);
        }

        // What did not change stays the same objects, so that what was made of it can be kept.
        return entries.SequenceEqual(current.Entries, EntryComparer.Instance)
            ? current with { Taken = Environment.TickCount64 }
            : new Snapshot(entries, byId.ToFrozenDictionary(StringComparer.Ordinal), Environment.TickCount64);
    }

    private void AddFolder(string folder, List<CatalogEntry> found, Dictionary<string, string> named)
    {
        try
        {
            if (ResultIn(folder, Path.GetFileName(Path.GetDirectoryName(folder) ?? folder), named) is { } only)
            {
                found.Add(only);
                return;
            }

            string group = Path.GetFileName(folder);
            var failed = Failures(folder);
            foreach (var sub in new DirectoryInfo(folder).EnumerateDirectories().Where(static d => !d.Name.StartsWith('.')).OrderBy(static d => d.Name, StringComparer.Ordinal))
            {
                if (sub.Attributes.HasFlag(FileAttributes.ReparsePoint))
                    WarnOfLink(sub.FullName);
                else if (ResultIn(sub.FullName, group, named) is { } entry)
                    found.Add(WithError(entry, failed.Remove(sub.Name, out string? error) ? error : null));
            }

            foreach (var (name, error) in failed)
                found.Add(new CatalogEntry { Id = name, Name = name, Group = group, Error = error, SlideProblem = error, Version = InputFingerprint.Sha256OfText(error)[..16] });
            found.AddRange(PublishedMaps.In(folder, known.ContainsKey));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            log.LogWarning(e, "{Folder} cannot be read", folder);
        }
    }

    // Once, not every second.
    private void WarnOfLink(string folder)
    {
        if (links.TryAdd(folder, true))
            log.LogWarning("{Folder} is a symbolic link and is not followed", folder);
    }

    // The same object as long as nothing changed; null when the folder holds no results.
    private CatalogEntry? ResultIn(string folder, string group, Dictionary<string, string> named)
    {
        if (known.TryGetValue(folder, out var old) && !old.IsOutdated())
            return old;
        if (File.Exists(Path.Combine(folder, ResultFolder.ProvenanceName)))
            return known[folder] = Read(folder, group, named);
        known.TryRemove(folder, out _);
        return null;
    }

    private CatalogEntry WithError(CatalogEntry entry, string? error) => entry.Error == error ? entry : known[entry.Folder!] = entry with { Error = error };

    private CatalogEntry Read(string folder, string group, Dictionary<string, string> named)
    {
        // Looked at before they are read: what changes meanwhile is seen the next time.
        var sources = new List<FileState> { FileState.Of(Path.Combine(folder, ResultFolder.ProvenanceName)), FileState.Of(Path.Combine(folder, "summary.json")) };
        string name = Path.GetFileName(folder);
        var provenance = Read(SafePath.Inside(folder, ResultFolder.ProvenanceName));
        var summary = Read(SafePath.Inside(folder, "summary.json"));
        var input = provenance["input"] as JsonObject ?? [];
        if ((named.FirstOrDefault(s => s.Key == Text(input["path"]) || s.Value == name).Key ?? Text(input["path"])) is { Length: > 0 } file && !file.StartsWith(Slide.SyntheticPrefix, StringComparison.OrdinalIgnoreCase))
            sources.Add(FileState.Of(file));
        var (slide, problem) = SlideOf(name, input, named);
        return new CatalogEntry
        {
            Id = name,
            Name = name,
            Group = group,
            Folder = folder,
            SlidePath = slide,
            SlideProblem = problem,
            Mpp = provenance["mpp"] is JsonObject mpp && Number(mpp["x"]) is { } x && Number(mpp["y"]) is { } y ? (x + y) / 2 : null,
            Size = ((long)(Number(input["width_px"]) ?? 0), (long)(Number(input["height_px"]) ?? 0)),
            Summary = summary,
            Origins = Origins(provenance),
            Version = FileState.Version(sources),
            Sources = sources,
        };
    }

    // The run that made a map stands in the header until another run comes, which may have made no map; the step itself stays.
    private static Dictionary<string, MapOrigin> Origins(JsonObject provenance)
    {
        var origins = new Dictionary<string, MapOrigin>(StringComparer.Ordinal);
        foreach (string task in (ReadOnlySpan<string>)["til", "tumor"])
        {
            var step = ((provenance["steps"] as JsonObject)?[task] as JsonObject)?["details"] as JsonObject ?? [];
            var header = provenance[task + "_model"] as JsonObject ?? [];
            origins[task] = new MapOrigin(Number(header["threshold"]) ?? Number(step["threshold"]), Text(step["model"]) ?? Text(header["name"]), Text(step["weights_sha256"]) ?? Text(header["weights_sha256"]));
        }

        return origins;
    }

    // The slide that was named at start; else the file that was analysed, as long as it is still the same.
    private (string? Path, string? Problem) SlideOf(string name, JsonObject input, Dictionary<string, string> named)
    {
        string recorded = Text(input["path"]) ?? string.Empty;
        string? given = named.FirstOrDefault(s => s.Key == recorded || s.Value == name).Key;
        if (given is not null)
            return (given, null);
        if (recorded.Length == 0)
            return (null, "The results do not say which file they were made from. Name the slide: microtome serve OUT SLIDE.");
        if (recorded.StartsWith(Slide.SyntheticPrefix, StringComparison.OrdinalIgnoreCase))
            return (recorded, null);
        if (SafePath.Real(recorded) is not { } real || !File.Exists(real))
            return (null, $"{recorded} is no longer there. Name the slide where it is now: microtome serve OUT SLIDE.");
        try
        {
            string stamp = real + Stamp(real);
            var print = fingerprints.GetOrAdd(stamp, _ => InputFingerprint.Of(real));
            return print.Value == Text(input["fingerprint"]) && print.Bytes == Number(input["bytes"])
                ? (real, null)
                : (null, $"{recorded} is not the file that was analysed (it has changed since). Analyse it again, or name the slide: microtome serve OUT SLIDE.");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return (null, $"{recorded} cannot be read: {e.Message}");
        }
    }

    private static Dictionary<string, string> Failures(string folder)
    {
        var rows = Read(SafePath.Inside(folder, "summary.json"))["slides"] as JsonArray ?? [];
        var failed = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var row in rows.OfType<JsonObject>())
        {
            if (row["slide"] is JsonValue slide && row["error"] is JsonValue error)
                failed[slide.ToString()] = error.ToString();
        }

        return failed;
    }

    private static JsonObject Read(string? path)
    {
        try
        {
            return path is not null && new FileInfo(path).Length < 64 << 20 && JsonNode.Parse(File.ReadAllBytes(path)) is JsonObject json ? json : [];
        }
        catch (Exception e) when (e is JsonException or IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }

    // Results may be damaged: a value of another kind counts as none.
    private static string? Text(JsonNode? node) => node is JsonValue value && value.TryGetValue(out string? text) ? text : null;

    private static double? Number(JsonNode? node) => node is JsonValue value && value.TryGetValue(out double number) ? number : null;

    private static string NameOf(string slide) => SlideName.Of(slide);

    internal static string Stamp(params ReadOnlySpan<string> paths)
    {
        var text = new System.Text.StringBuilder();
        foreach (string path in paths)
        {
            var file = new FileInfo(path);
            text.Append(path).Append('|').Append(file.Exists ? file.Length : -1).Append('|').Append(file.Exists ? file.LastWriteTimeUtc.Ticks : 0).Append('\n');
        }

        return InputFingerprint.Sha256OfText(text.ToString())[..16];
    }

    private sealed class EntryComparer : IEqualityComparer<CatalogEntry>
    {
        public static readonly EntryComparer Instance = new();

        // The version covers every file that an entry was read from.
        public bool Equals(CatalogEntry? x, CatalogEntry? y) =>
            ReferenceEquals(x, y) || (x is not null && y is not null && x.Id == y.Id && x.Version == y.Version && x.Group == y.Group && x.Error == y.Error && x.Folder == y.Folder && x.PublishedMap == y.PublishedMap);

        public int GetHashCode(CatalogEntry obj) => StringComparer.Ordinal.GetHashCode(obj.Id);
    }

    private sealed record Snapshot(IReadOnlyList<CatalogEntry> Entries, FrozenDictionary<string, CatalogEntry> ById, long Taken);
}
