using System.Buffers.Binary;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Microtome.Server;

/// <summary>
/// Folders of published combined maps as they are: PNG files, or folders of them (one a cancer type), with or without the <c>dir.json</c> of the published viewer
/// (<c>{"PNGs": {"brca": {"SLIDE.png": bytes}}}</c>, tumor-til, section 6.1).
/// </summary>
internal static class PublishedMaps
{
    /// <summary>A pixel of a published map, um.</summary>
    public const double PatchUm = 50;

    private static readonly byte[] s_png = [0x89, (byte)'P', (byte)'N', (byte)'G', 13, 10, 26, 10];

    /// <summary>The maps of a folder. Names come from the folders themselves; dir.json only says what should be there.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="isResult">Whether a folder holds results of a slide, whose pictures are no maps.</param>
    public static IEnumerable<CatalogEntry> In(string folder, Func<string, bool> isResult)
    {
        string start = Directory.Exists(Path.Combine(folder, "PNGs")) ? Path.Combine(folder, "PNGs") : folder;
        var entries = Pictures(start, Path.GetFileName(start)).ToList();
        foreach (var type in new DirectoryInfo(start).EnumerateDirectories().Where(d => !d.Name.StartsWith('.') && !d.Attributes.HasFlag(FileAttributes.ReparsePoint) && !isResult(d.FullName)))
        {
            if (!File.Exists(Path.Combine(type.FullName, "provenance.json")))
                entries.AddRange(Pictures(type.FullName, type.Name));
        }

        var seen = entries.Select(e => (e.Group, e.Name)).ToHashSet();
        foreach (var (type, name) in Listed(folder).Where(l => !seen.Contains(l)))
        {
            const string problem = "dir.json lists this map, but its file is not there.";
            entries.Add(new CatalogEntry { Id = name, Name = name, Group = type, Error = problem, SlideProblem = problem, Version = "missing" });
        }

        return entries;
    }

    private static IEnumerable<CatalogEntry> Pictures(string folder, string group)
    {
        foreach (string path in Directory.EnumerateFiles(folder, "*.png"))
        {
            if (SafePath.Inside(folder, Path.GetFileName(path)) is not { } real || !TrySize(real, out var size))
                continue;
            string name = Path.GetFileNameWithoutExtension(path);
            yield return new CatalogEntry
            {
                Id = name,
                Name = name,
                Group = group,
                PublishedMap = real,
                SlideProblem = "This is a published map; the slide itself was not named.",
                Size = size,
                Mpp = PatchUm,
                Version = ResultCatalog.Stamp(real),
                Sources = [FileState.Of(real)],
            };
        }
    }

    // Width and height stand in the first chunk (PNG specification, 11.2.2); combined maps are 8-bit with colour.
    private static bool TrySize(string path, out (long Width, long Height) size)
    {
        size = default;
        Span<byte> head = stackalloc byte[26];
        try
        {
            using var file = File.OpenRead(path);
            if (file.ReadAtLeast(head, head.Length, throwOnEndOfStream: false) < head.Length || !head.StartsWith(s_png))
                return false;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;
        }

        size = (BinaryPrimitives.ReadUInt32BigEndian(head[16..]), BinaryPrimitives.ReadUInt32BigEndian(head[20..]));
        return head[24] == 8 && head[25] is 2 or 6 && size.Width is > 0 and <= 16384 && size.Height is > 0 and <= 16384;
    }

    private static IEnumerable<(string Type, string Name)> Listed(string folder)
    {
        if (SafePath.Inside(folder, "dir.json") is not { } path)
            yield break;
        JsonObject? types;
        try
        {
            types = (JsonNode.Parse(File.ReadAllBytes(path)) as JsonObject)?["PNGs"] as JsonObject;
        }
        catch (JsonException)
        {
            yield break;
        }

        foreach (var (type, files) in types ?? [])
        {
            foreach (var (file, _) in files as JsonObject ?? [])
                yield return (type, Path.GetFileNameWithoutExtension(file));
        }
    }
}
