using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Microtome.Imaging;
using Microtome.Pathology;

namespace Microtome.Server;

/// <summary>The list of slides, one slide, its files.</summary>
internal static class CatalogApi
{
    // What may be downloaded, by name; nothing else of a folder is reachable.
    private static readonly Dictionary<string, string> s_files = new(StringComparer.Ordinal)
    {
        ["summary.json"] = "application/json",
        [ResultFolder.ProvenanceName] = "application/json",
        ["report.html"] = "text/html; charset=utf-8",
        ["til.csv"] = "text/csv",
        ["tumor.csv"] = "text/csv",
        ["tissue.geojson"] = "application/geo+json",
        ["til.geojson"] = "application/geo+json",
        ["tumor.geojson"] = "application/geo+json",
        ["nuclei.geojson.gz"] = "application/gzip",
        ["nuclei.gpkg"] = "application/geopackage+sqlite3",
        ["tumor-til-map.png"] = "image/png",
        ["til.png"] = "image/png",
        ["tumor.png"] = "image/png",
        ["tumor-til.png"] = "image/png",
        ["tissue-overlay.jpg"] = "image/jpeg",
    };

    private static readonly ConditionalWeakTable<CatalogEntry, SlideRow> s_rows = [];

    public static void MapCatalog(this IEndpointRouteBuilder app)
    {
        var api = app.MapGroup("/api").WithTags("slides");
        api.MapGet("/slides", List).WithSummary("All slides with every number of their summaries.");
        api.MapGet("/slides.csv", Table).WithSummary("The same as a table.");
        api.MapGet("/slides/{id}", Detail).WithSummary("One slide: size, pixel size, maps, files, warnings.");
        api.MapGet("/slides/{id}/thumbnail", ThumbnailAsync).WithSummary("A small picture of the slide, or the class view of a published map.");
        api.MapGet("/slides/{id}/files/{name}", Download).WithSummary("A file of the results.");
    }

    /// <summary>The entry of a request, or 404.</summary>
    public static CatalogEntry Require(this ResultCatalog catalog, string id) =>
        catalog.Find(id) ?? throw RequestException.NotFound("There is no slide of this name here. The list is at /api/slides.");

    private static Ok<SlideList> List(ResultCatalog catalog, MapStore maps, TrainingRuns runs, IServiceProvider services) =>
        TypedResults.Ok(new SlideList([.. catalog.All.Select(e => Row(e, maps))], maps.Pending, services.GetService(typeof(OpenCohort)) is not null, runs.All(static r => r.Id).Count));

    // Entries stay the same objects until their files change; published maps get their numbers later.
    private static SlideRow Row(CatalogEntry entry, MapStore maps) => entry.PublishedMap is null ? s_rows.GetValue(entry, e => Make(e, maps)) : Make(entry, maps);

    private static SlideRow Make(CatalogEntry entry, MapStore maps)
    {
        var numbers = new SortedDictionary<string, double>(StringComparer.Ordinal);
        foreach (var (name, value) in entry.PublishedMap is null ? entry.Summary : maps.SummaryOf(entry) ?? [])
        {
            if (value is JsonValue number && number.TryGetValue(out double d) && double.IsFinite(d))
                numbers[name] = d;
        }

        return new SlideRow(entry.Id, entry.Name, entry.Group, entry.Version, entry.Error, entry.SlidePath is not null, entry.PublishedMap is not null, numbers);
    }

    private static FileContentHttpResult Table(ResultCatalog catalog, MapStore maps)
    {
        var rows = catalog.All.Select(e => Row(e, maps)).ToList();
        string[] columns = [.. rows.SelectMany(r => r.Numbers.Keys).Distinct().Order(StringComparer.Ordinal)];
        var text = new StringBuilder("group,slide,error");
        foreach (string column in columns)
            text.Append(',').Append(Cell(column));
        text.Append('\n');
        foreach (var row in rows)
        {
            text.Append(Cell(row.Group)).Append(',').Append(Cell(row.Name)).Append(',').Append(Cell(row.Error ?? string.Empty));
            foreach (string column in columns)
                text.Append(',').Append(row.Numbers.TryGetValue(column, out double value) ? value.ToString("R", CultureInfo.InvariantCulture) : "NA");
            text.Append('\n');
        }

        return TypedResults.File(Encoding.UTF8.GetBytes(text.ToString()), "text/csv; charset=utf-8", "slides.csv");
    }

    // RFC 4180; a name that a spreadsheet would take for a formula is defused.
    internal static string Cell(string value)
    {
        if (value.Length > 0 && value[0] is '=' or '+' or '-' or '@')
            value = "'" + value;
        return value.AsSpan().IndexOfAny(",\"\r\n") < 0 ? value : '"' + value.Replace("\"", "\"\"", StringComparison.Ordinal) + '"';
    }

    private static Ok<SlideDetail> Detail(string id, ResultCatalog catalog, SlidePool pool, MapStore maps)
    {
        var entry = catalog.Require(id);
        var size = entry.Size;
        double? mpp = entry.Mpp;
        string? problem = entry.SlideProblem;
        int? tileSize = null;
        if (entry.SlidePath is not null)
        {
            try
            {
                using var loan = pool.Lend(entry);
                size = (loan.Slide.Levels[0].Width, loan.Slide.Levels[0].Height);
                mpp ??= loan.Slide.PixelSize?.Mean;
                tileSize = loan.Tiles.DeepZoom.TileSize;
            }
            catch (SlideException e)
            {
                problem = e.Message;
            }
        }

        var warnings = new List<string>((entry.Summary["warnings"] as JsonArray ?? []).OfType<JsonValue>().Select(w => w.ToString()));
        var layers = maps.LayersOf(entry, warnings);
        if (entry.PublishedMap is not null && maps.Published(entry, warnings) is { } map)
            size = (map.Width, map.Height);
        var summary = entry.PublishedMap is null ? entry.Summary : maps.SummaryOf(entry) ?? [];
        string[] files = entry.Folder is null ? [] : [.. s_files.Keys.Where(name => entry.File(name) is not null)];
        return TypedResults.Ok(new SlideDetail
        {
            Id = entry.Id,
            Name = entry.Name,
            Group = entry.Group,
            Version = entry.Version,
            Width = size.Width,
            Height = size.Height,
            Mpp = mpp,
            HasImage = problem is null && entry.SlidePath is not null,
            TileSize = tileSize,
            ImageProblem = problem,
            HasNuclei = entry.File("nuclei.gpkg") is not null,
            HasTissue = entry.File("tissue.geojson") is not null,
            Published = entry.PublishedMap is not null,
            Editable = entry.Folder is not null,
            Error = entry.Error,
            Maps = layers,
            Warnings = warnings,
            Summary = summary,
            Files = files,
        });
    }

    private static async Task<Results<FileContentHttpResult, PhysicalFileHttpResult>> ThumbnailAsync(string id, ResultCatalog catalog, SlidePool pool, MapStore maps, TileCache cache, HttpContext context)
    {
        var entry = catalog.Require(id);
        var tag = Tags.Of("thumbnail", entry.Version);
        context.Response.Headers.CacheControl = "no-cache";
        if (entry.PublishedMap is not null)
            return TypedResults.File(maps.ClassView(entry), "image/png", entityTag: tag);
        if (entry.File("thumbnail.jpg") is { } path)
            return TypedResults.PhysicalFile(path, "image/jpeg", entityTag: tag);
        using var loan = pool.Lend(entry);
        try
        {
            var (bytes, _) = await cache.GetAsync(
                new TileKey(loan.Tiles.Key, "thumbnail", 0, 0, 0),
                () =>
                {
                    // Requests come and go while the picture is made: the work holds the slide itself.
                    using var own = pool.Lend(entry);
                    return Microtome.Imaging.Encoder.Jpeg(own.Tiles.Thumbnail(640), 80);
                },
                context.RequestAborted);
            return TypedResults.File(bytes, "image/jpeg", entityTag: tag);
        }
        catch (SlideException)
        {
            loan.Discard();
            throw;
        }
    }

    private static PhysicalFileHttpResult Download(string id, string name, ResultCatalog catalog, HttpContext context)
    {
        var entry = catalog.Require(id);
        if (!s_files.TryGetValue(name, out string? type) || entry.File(name) is not { } path)
            throw RequestException.NotFound($"The results hold no such file. There are: {string.Join(", ", s_files.Keys.Where(n => entry.File(n) is not null))}.");
        // The report brings its own styles and pictures, and nothing else.
        if (name == "report.html")
            context.Response.Headers.ContentSecurityPolicy = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'none'";
        context.Response.Headers.CacheControl = "no-cache";
        var file = new FileInfo(path);
        bool inline = name is "report.html" || type.StartsWith("image/", StringComparison.Ordinal);
        return TypedResults.PhysicalFile(path, type, inline ? null : $"{entry.Name}-{name}", new DateTimeOffset(file.LastWriteTimeUtc), Tags.Of(name, ResultCatalog.Stamp(path)), enableRangeProcessing: true);
    }
}

/// <summary>All slides.</summary>
/// <param name="Slides">A row each.</param>
/// <param name="Pending">Published maps whose numbers are still being counted.</param>
/// <param name="Cohort">Whether the ledger of a cohort is open: /api/cohort.</param>
/// <param name="Training">How many training runs there are: /api/training.</param>
public sealed record SlideList(IReadOnlyList<SlideRow> Slides, int Pending, bool Cohort, int Training);

/// <summary>A slide in the list.</summary>
/// <param name="Id">Its name in addresses.</param>
/// <param name="Name">Its name.</param>
/// <param name="Group">Folder or cancer type.</param>
/// <param name="Version">Changes when its results change.</param>
/// <param name="Error">Why it failed, or null.</param>
/// <param name="HasImage">Whether the slide itself can be shown.</param>
/// <param name="Published">Whether it is a published map.</param>
/// <param name="Numbers">Every number of its summary, units in the names.</param>
public sealed record SlideRow(string Id, string Name, string Group, string Version, string? Error, bool HasImage, bool Published, IReadOnlyDictionary<string, double> Numbers);

/// <summary>A slide.</summary>
public sealed record SlideDetail
{
    /// <summary>Its name in addresses.</summary>
    public required string Id { get; init; }

    /// <summary>Its name.</summary>
    public required string Name { get; init; }

    /// <summary>Folder or cancer type.</summary>
    public required string Group { get; init; }

    /// <summary>Changes when its results change.</summary>
    public required string Version { get; init; }

    /// <summary>Level-0 pixels; pixels of the map for a published map without slide.</summary>
    public required long Width { get; init; }

    /// <summary>Level-0 pixels.</summary>
    public required long Height { get; init; }

    /// <summary>um per level-0 pixel; null when unknown.</summary>
    public double? Mpp { get; init; }

    /// <summary>Whether the slide itself can be shown.</summary>
    public required bool HasImage { get; init; }

    /// <summary>Side of the Deep Zoom tiles in pixels (no overlap); null without a picture.</summary>
    public int? TileSize { get; init; }

    /// <summary>Why it cannot.</summary>
    public string? ImageProblem { get; init; }

    /// <summary>Whether there are nuclei.</summary>
    public required bool HasNuclei { get; init; }

    /// <summary>Whether there is a tissue outline.</summary>
    public required bool HasTissue { get; init; }

    /// <summary>Whether it is a published combined map.</summary>
    public required bool Published { get; init; }

    /// <summary>Whether annotations can be kept beside the results.</summary>
    public required bool Editable { get; init; }

    /// <summary>Why the analysis failed, or null.</summary>
    public string? Error { get; init; }

    /// <summary>Maps of patches.</summary>
    public required IReadOnlyList<MapLayer> Maps { get; init; }

    /// <summary>What must be known of the results.</summary>
    public required IReadOnlyList<string> Warnings { get; init; }

    /// <summary>summary.json.</summary>
    public required JsonObject Summary { get; init; }

    /// <summary>Files that can be downloaded.</summary>
    public required IReadOnlyList<string> Files { get; init; }
}
