using System.Diagnostics;
using Microtome.Learning.Training;
using Microtome.Pathology;

namespace Microtome.Server;

/// <summary>
/// The training runs in the folders that were named at start. Their files are looked at once a second at most, however many listen; folders are searched for new runs less often when that takes long.
/// Any thread may call.
/// </summary>
internal sealed class TrainingRuns(ResultCatalog catalog)
{
    private const int MostRuns = 1000;
    private const long Fresh = 900;

    // Searching may take a twentieth of the time.
    private const int Patience = 20;
    private readonly Lock turn = new();
    private readonly Dictionary<string, TrainingRun> byId = new(StringComparer.Ordinal);
    private List<TrainingRun> runs = [];
    private long looked = long.MinValue / 2, searchAgain = long.MinValue;
    private long version;

    /// <summary>Grows whenever any run changed.</summary>
    public long Version
    {
        get
        {
            lock (turn)
            {
                Look();
                return version;
            }
        }
    }

    /// <summary>Reads something of all runs, sorted by group and name.</summary>
    public List<T> All<T>(Func<TrainingRun, T> read)
    {
        lock (turn)
        {
            Look();
            return runs.ConvertAll(r => read(r));
        }
    }

    /// <summary>Reads something of one run, as it is now; 404 when there is none of this name.</summary>
    public T Read<T>(string id, Func<TrainingRun, T> read)
    {
        lock (turn)
        {
            Look();
            return byId.TryGetValue(id, out var run) ? read(run) : throw RequestException.NotFound("There is no training run of this name here. The list is at /api/training.");
        }
    }

    private void Look()
    {
        long now = Environment.TickCount64;
        if (now - looked < Fresh)
            return;
        if (now >= searchAgain)
            Search();
        var time = DateTimeOffset.UtcNow;
        bool changed = false;
        foreach (var run in runs)
            changed |= run.Refresh(time);
        if (changed)
            version++;
        looked = Environment.TickCount64;
    }

    private void Search()
    {
        var clock = Stopwatch.StartNew();
        // A slide's results hold no runs; most folders are such.
        var found = catalog.Folders.SelectMany(f => RunFolders.Find(f, MostRuns, static d => File.Exists(Path.Combine(d, ResultFolder.ProvenanceName))))
            .Where(static f => SafePath.Inside(f.Folder, TrainingMetrics.FileName) is not null)
            .DistinctBy(static f => f.Folder).Take(MostRuns).OrderBy(static f => f.Group, StringComparer.Ordinal).ThenBy(static f => f.Name, StringComparer.Ordinal).ToList();
        searchAgain = Environment.TickCount64 + Patience * clock.ElapsedMilliseconds;
        if (found.SequenceEqual(runs.Select(static r => r.Place)))
            return;
        var old = runs.ToDictionary(static r => (r.Id, r.Place));
        runs = [];
        byId.Clear();
        foreach (var place in found)
        {
            string id = place.Name;
            for (int n = 2; byId.ContainsKey(id); n++)
                id = FormattableString.Invariant($"{place.Name}~{n}");
            runs.Add(byId[id] = old.TryGetValue((id, place), out var same) ? same : new TrainingRun(id, place));
        }

        version++;
    }
}
