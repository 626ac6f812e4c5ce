using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Logging;
using Microtome.Imaging;
using Microtome.Pathology;

namespace Microtome.Server;

/// <summary>Maps of patches, read when they are asked for; the last few are kept. Published maps are counted in the background after the start.</summary>
public sealed class MapStore : IDisposable
{
    private const int Kept = 16;
    private readonly Lock turn = new();
    private readonly Dictionary<string, (Lazy<object?> Map, long Used)> maps = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, JsonObject> counted = new(StringComparer.Ordinal);
    private readonly CancellationTokenSource stop = new();
    private readonly ILogger<MapStore> log;
    private readonly Task counting;
    private int pending;
    private long clock;

    /// <summary>Begins to count published maps.</summary>
    public MapStore(ResultCatalog catalog, ILogger<MapStore> log)
    {
        this.log = log;
        var published = catalog.All.Where(e => e.PublishedMap is not null).ToList();
        pending = published.Count;
        counting = Task.Run(() => Count(published));
    }

    /// <summary>Published maps that are not counted yet.</summary>
    public int Pending => Volatile.Read(ref pending);

    /// <summary>The maps of an entry as layers; what cannot be read becomes a warning.</summary>
    public IReadOnlyList<MapLayer> LayersOf(CatalogEntry entry, ICollection<string> warnings)
    {
        var layers = new List<MapLayer>();
        if (entry.PublishedMap is not null)
        {
            if (Published(entry, warnings) is { } map)
            {
                layers.Add(new MapLayer("til", "Lymphocytes", 0, 0, 1, 1, map.Width, map.Height, 0.5));
                layers.Add(new MapLayer("tumor", "Tumor", 0, 0, 1, 1, map.Width, map.Height, 0.5));
            }

            return layers;
        }

        // Tables of a large slide take a moment each.
        string[] tasks = ["til", "tumor"];
        var read = new PatchMap?[tasks.Length];
        var problems = new Exception?[tasks.Length];
        Parallel.For(0, tasks.Length, i =>
        {
            try
            {
                read[i] = MapOf(entry, tasks[i]);
            }
            catch (Exception e) when (e is SlideException or UsageException)
            {
                problems[i] = e;
            }
        });
        for (int i = 0; i < tasks.Length; i++)
        {
            string task = tasks[i], title = task == "til" ? "Lymphocytes" : "Tumor";
            if (problems[i] is { } problem)
                warnings.Add(problem.Message);
            if (read[i] is not { } map)
                continue;
            double? threshold = MapThreshold.Of(entry, task);
            if (threshold is null)
                warnings.Add($"{title}: neither the results nor a model here say from which probability on a patch is positive; {MapThreshold.Unknown} stands for it. Analyse the slide again to know it.");
            layers.Add(new MapLayer(task, title, map.Columns.Start, map.Rows.Start, map.Columns.Step, map.Rows.Step, map.Columns.Count, map.Rows.Count, threshold ?? MapThreshold.Unknown, threshold is not null));
        }

        return layers;
    }

    /// <summary>The map of a task; null when the results have none or it holds no patch.</summary>
    /// <exception cref="SlideException">The table is damaged.</exception>
    public PatchMap? MapOf(CatalogEntry entry, string task)
    {
        if (entry.File(task + ".csv") is not { } path)
            return null;
        return (PatchMap?)Get($"{path}|{ResultCatalog.Stamp(path)}", () =>
        {
            var table = PatchTable.Read(path);
            return table.Count == 0 ? null : task == "tumor" && TumorSubtypes.TumorClasses(table) is { Length: > 1 } several ? TumorSubtypes.MapOf(table, several) : PatchMap.From(table, table.ClassIndex(null, "class"));
        });
    }

    /// <summary>The published map of an entry; null, with a warning, when it is damaged.</summary>
    public CombinedMap? Published(CatalogEntry entry, ICollection<string> warnings)
    {
        try
        {
            return PublishedOf(entry);
        }
        catch (SlideException e)
        {
            warnings.Add(e.Message);
            return null;
        }
    }

    /// <summary>The combined map of an entry: the published one, or the one that the analysis made; null when there is none.</summary>
    /// <exception cref="SlideException">It is damaged.</exception>
    public CombinedMap? CombinedOf(CatalogEntry entry) => (entry.PublishedMap ?? entry.File("tumor-til-map.png")) is null ? null : PublishedOf(entry);

    /// <summary>The counts of a published map as a summary; null while they are not known.</summary>
    public JsonObject? SummaryOf(CatalogEntry entry) => counted.GetValueOrDefault(entry.PublishedMap + entry.Version);

    /// <summary>The class view of a map as a PNG in the published colours.</summary>
    /// <exception cref="SlideException">It is damaged.</exception>
    public byte[] ClassView(CatalogEntry entry) => PublishedOf(entry).EncodeClassView();

    /// <summary>The same over the whole slide, empty where the map has no patch.</summary>
    /// <exception cref="SlideException">It is damaged.</exception>
    public byte[] FramedClassView(CatalogEntry entry)
    {
        var map = PublishedOf(entry);
        if (entry.PublishedMap is not null || MapOf(entry, "til") is not { } til || entry.Size.Width <= 0 || map.Width != til.Columns.Count)
            return map.EncodeClassView();
        int left = Math.Max(0, (int)Math.Round(til.Columns.Start / til.Columns.Step)), top = Math.Max(0, (int)Math.Round(til.Rows.Start / til.Rows.Step));
        return map.EncodeClassView(left, top, (int)Math.Ceiling(entry.Size.Width / til.Columns.Step), (int)Math.Ceiling(entry.Size.Height / til.Rows.Step));
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        stop.Cancel();
        counting.Wait(TimeSpan.FromSeconds(5));
        stop.Dispose();
    }

    private CombinedMap PublishedOf(CatalogEntry entry)
    {
        string path = entry.PublishedMap ?? entry.File("tumor-til-map.png") ?? throw new SlideException($"{entry.Name} has no combined map.");
        return (CombinedMap)Get($"{path}|{ResultCatalog.Stamp(path)}", () => CombinedMap.Read(path))!;
    }

    private void Count(List<CatalogEntry> published)
    {
        Parallel.ForEach(published, new ParallelOptions { MaxDegreeOfParallelism = Math.Max(1, Environment.ProcessorCount - 1) }, (entry, state) =>
        {
            if (stop.IsCancellationRequested)
            {
                state.Stop();
                return;
            }

            try
            {
                var counts = CombinedMap.Read(entry.PublishedMap!).Count();
                counted[entry.PublishedMap + entry.Version] = Summary(counts);
            }
            catch (Exception e) when (e is SlideException or IOException)
            {
                log.LogWarning("{Map} cannot be counted: {Reason}", entry.PublishedMap, e.Message);
            }

            Interlocked.Decrement(ref pending);
        });
    }

    private static JsonObject Summary(CombinedMapCounts counts)
    {
        const double patchMm2 = PublishedMaps.PatchUm * PublishedMaps.PatchUm / 1e6;
        var summary = new JsonObject
        {
            ["tissue_area_mm2"] = Math.Round(counts.All * patchMm2, 4),
            ["tumor_area_mm2"] = Math.Round((counts.Tumor + counts.TumorAndTil) * patchMm2, 4),
            ["til_area_mm2"] = Math.Round((counts.Til + counts.TumorAndTil) * patchMm2, 4),
            ["combined_tumor_patches"] = counts.Tumor,
            ["combined_til_patches"] = counts.Til,
            ["combined_tumor_and_til_patches"] = counts.TumorAndTil,
            ["combined_other_patches"] = counts.Tissue,
        };
        if (counts.TilShare is { } til)
            summary["til_fraction"] = Math.Round(til, 5);
        if (counts.TumorShare is { } tumor)
            summary["tumor_fraction"] = Math.Round(tumor, 5);
        if (counts.InfiltratedShare is { } share)
            summary["til_fraction_in_tumor"] = Math.Round(share, 5);
        return summary;
    }

    // What several requests miss at the same time is read once; a failure is not kept.
    private object? Get(string key, Func<object?> read)
    {
        Lazy<object?> map;
        lock (turn)
        {
            map = maps.TryGetValue(key, out var held) ? held.Map : new Lazy<object?>(read);
            maps[key] = (map, ++clock);
            if (maps.Count > Kept)
                maps.Remove(maps.MinBy(static m => m.Value.Used).Key);
        }

        try
        {
            return map.Value;
        }
        catch
        {
            lock (turn)
            {
                if (maps.TryGetValue(key, out var held) && held.Map == map)
                    maps.Remove(key);
            }

            throw;
        }
    }
}
