using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microtome.Imaging;

namespace Microtome.Pathology;

/// <summary>
/// The folder of one slide's results: knows which steps are done and up to date, and keeps <c>provenance.json</c>. Unfinished work lies in the
/// hidden folder <c>.microtome</c>. Disposing gives the lock back.
/// </summary>
public sealed class ResultFolder : IDisposable
{
    /// <summary>The name of the provenance file.</summary>
    public const string ProvenanceName = "provenance.json";

    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
    private readonly OutputLock holder;
    private readonly Dictionary<string, StepRecord> steps;

    private ResultFolder(string path, OutputLock holder)
    {
        FullPath = path;
        this.holder = holder;
        steps = Load(PathOf(ProvenanceName));
    }

    /// <summary>The folder.</summary>
    public string FullPath { get; }

    /// <summary>Where unfinished work lies.</summary>
    public string WorkFolder => System.IO.Path.Combine(FullPath, ".microtome");

    /// <summary>Whether an earlier run died here.</summary>
    public bool TakenOver => holder.TakenOver;

    /// <summary>What the provenance says besides the steps; written with the next finished step.</summary>
    public JsonObject Header { get; set; } = [];

    /// <summary>Opens a folder of results and takes its lock.</summary>
    /// <exception cref="IOException">Another run is writing there.</exception>
    public static ResultFolder Open(string path)
    {
        string full = System.IO.Path.GetFullPath(path);
        if (File.Exists(full))
            throw new UsageException($"{path} is a file; --output names a folder.");
        Directory.CreateDirectory(full);
        var taken = OutputLock.Take(System.IO.Path.Combine(full, ".microtome"));
        try
        {
            var folder = new ResultFolder(full, taken);
            folder.Sweep();
            return folder;
        }
        catch
        {
            taken.Dispose();
            throw;
        }
    }

    /// <summary>The path of a result.</summary>
    public string PathOf(string name) => System.IO.Path.Combine(FullPath, name);

    /// <summary>What is known of a step.</summary>
    public StepRecord? this[string step] => steps.GetValueOrDefault(step);

    /// <summary>Why a step must be done, or null when it is up to date.</summary>
    public string? WhyOutdated(string step, string key)
    {
        if (!steps.TryGetValue(step, out var record))
            return "it has not been done";
        if (record.Key != key)
            return "its options, its input or its model changed";
        foreach (var output in record.Outputs)
        {
            var file = new FileInfo(PathOf(output.Name));
            if (!file.Exists)
                return $"{output.Name} is missing";
            if (file.Length != output.Bytes)
                return $"{output.Name} was changed";
        }

        return null;
    }

    /// <summary>Notes a finished step and saves the provenance.</summary>
    public void Finish(string step, string key, IEnumerable<string> outputs, JsonObject details)
    {
        var files = outputs.Select(name => new StepOutput(name, new FileInfo(PathOf(name)).Length, InputFingerprint.Sha256(PathOf(name)))).ToList();
        steps[step] = new StepRecord(key, files, details);
        Save();
    }

    /// <summary>Forgets a step; its files stay.</summary>
    public void Forget(string step)
    {
        if (steps.Remove(step))
            Save();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        holder.Dispose();
        // An empty work folder says nothing to anyone.
        try
        {
            if (Directory.EnumerateFiles(WorkFolder).All(f => System.IO.Path.GetFileName(f) == "lock"))
                Directory.Delete(WorkFolder, recursive: true);
        }
        catch (IOException)
        {
            // Another run took the folder at this moment: then it is not empty.
        }
    }

    // Temporary files of a killed run; nobody else can be writing them while the lock is ours.
    private void Sweep()
    {
        var folders = Directory.EnumerateDirectories(FullPath).Where(d => !System.IO.Path.GetFileName(d).StartsWith('.')).Prepend(FullPath).ToArray();
        foreach (string file in folders.SelectMany(f => Directory.EnumerateFiles(f, ".*.tmp*")).Concat(Directory.EnumerateFiles(WorkFolder, "*.tmp*")).ToArray())
            File.Delete(file);
        File.Delete(System.IO.Path.Combine(WorkFolder, ProgressFile.Name));
        foreach (string work in folders.SelectMany(f => Directory.EnumerateDirectories(f, ".*.tmp")).ToArray())
            Directory.Delete(work, recursive: true);
    }

    private void Save()
    {
        var root = (JsonObject)Header.DeepClone();
        var all = new JsonObject();
        foreach (var (name, record) in steps)
        {
            all[name] = new JsonObject
            {
                ["key"] = record.Key,
                ["outputs"] = new JsonArray([.. record.Outputs.Select(o => new JsonObject { ["name"] = o.Name, ["bytes"] = o.Bytes, ["sha256"] = o.Sha256 })]),
                ["details"] = record.Details.DeepClone(),
            };
        }

        root["steps"] = all;
        AtomicFile.WriteAllText(PathOf(ProvenanceName), root.ToJsonString(Indented) + "\n");
    }

    // A provenance that cannot be read counts as none: the steps are done again.
    private static Dictionary<string, StepRecord> Load(string path)
    {
        var found = new Dictionary<string, StepRecord>(StringComparer.Ordinal);
        if (!File.Exists(path))
            return found;
        try
        {
            foreach (var (name, step) in JsonNode.Parse(File.ReadAllText(path))?["steps"]?.AsObject() ?? [])
            {
                var outputs = step!["outputs"]!.AsArray().Select(o => new StepOutput((string)o!["name"]!, (long)o["bytes"]!, (string)o["sha256"]!));
                found[name] = new StepRecord((string)step["key"]!, [.. outputs], (JsonObject)step["details"]!.DeepClone());
            }
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or NullReferenceException or FormatException or InvalidCastException)
        {
            found.Clear();
        }

        return found;
    }
}
