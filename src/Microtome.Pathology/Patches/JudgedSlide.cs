using System.Text.Json;
using System.Text.Json.Nodes;
using Microtome.Imaging;
using Microtome.Learning.Supervision.Thresholds;

namespace Microtome.Pathology;

/// <summary>A slide of which people judged patches, with the folder of its results.</summary>
/// <param name="Name">The slide.</param>
/// <param name="Patient">The patient: the first 12 characters of a TCGA name; else every slide is a patient of its own.</param>
/// <param name="Folder">The folder of its results.</param>
/// <param name="Path">The slide's file or <c>synthetic:</c> address, which is the one that was analysed.</param>
/// <param name="Fingerprint">Tells the file from others.</param>
/// <param name="Mpp">Its pixel size in the analysis, um; null when the results do not say.</param>
/// <param name="Labels">The judged patches without the unclear ones.</param>
/// <param name="Unclear">How many nobody could judge.</param>
public sealed record JudgedSlide(string Name, string Patient, string Folder, string Path, string Fingerprint, (double X, double Y)? Mpp, IReadOnlyList<PatchLabel> Labels, int Unclear)
{
    /// <summary>Finds the slides with labels of a task.</summary>
    /// <param name="folders">Folders of results: outputs of analyze, or folders of single slides.</param>
    /// <param name="task">til or tumor.</param>
    /// <param name="slidesFrom">A folder in which slides that were moved lie now; null: where they were.</param>
    /// <exception cref="SlideException">There are no labels, labels are damaged, or a slide is gone or no longer the one that was analysed.</exception>
    public static IReadOnlyList<JudgedSlide> Find(IReadOnlyList<string> folders, string task, string? slidesFrom)
    {
        if (slidesFrom is not null && !Directory.Exists(slidesFrom))
            throw new SlideException($"--slides-from {slidesFrom}: there is no such folder.");
        var found = new List<JudgedSlide>();
        int results = 0;
        foreach (string folder in folders.SelectMany(Results).Distinct(StringComparer.Ordinal))
        {
            results++;
            var labels = PatchLabelFile.Read(folder).Where(l => l.Task == task).ToList();
            if (labels.Count > 0)
                found.Add(Open(folder, labels, slidesFrom));
        }

        if (found.Count > 0)
            return found;
        throw new SlideException($"Nobody has labelled a patch for '{task}' in {string.Join(", ", folders)} ({results} {(results == 1 ? "slide" : "slides")}). Label some first: microtome serve {folders[0]}.");
    }

    private static IEnumerable<string> Results(string folder)
    {
        if (!Directory.Exists(folder))
            throw new SlideException($"--results {folder}: there is no such folder. Name the output folder of 'microtome analyze', or the folder of one slide in it.");
        string full = System.IO.Path.TrimEndingDirectorySeparator(System.IO.Path.GetFullPath(folder));
        if (IsResult(full))
            return [full];
        string[] slides = [.. Directory.EnumerateDirectories(full).Where(IsResult).Order(StringComparer.Ordinal)];
        return slides.Length > 0 ? slides : throw new SlideException($"--results {folder}: no results lie there (no {ResultFolder.ProvenanceName}). Name the output folder of 'microtome analyze'.");
    }

    private static bool IsResult(string folder) => File.Exists(System.IO.Path.Combine(folder, ResultFolder.ProvenanceName));

    private static JudgedSlide Open(string folder, List<PatchLabel> labels, string? slidesFrom)
    {
        string name = System.IO.Path.GetFileName(folder), provenance = System.IO.Path.Combine(folder, ResultFolder.ProvenanceName);
        try
        {
            var root = JsonNode.Parse(File.ReadAllText(provenance));
            var input = root?["input"];
            string path = (string?)input?["path"] ?? throw new SlideException($"{provenance} does not say which slide was analysed. Analyse it again.");
            (double, double)? mpp = root?["mpp"]?["x"] is { } x && root["mpp"]?["y"] is { } y ? ((double)x, (double)y) : null;
            var (place, print) = Verify(name, path, (string?)input?["fingerprint"], slidesFrom);
            var clear = labels.Where(static l => l.Positive is not null).ToList();
            return new JudgedSlide(name, LeakageFilter.PatientOf(name, null), folder, place, print, mpp, clear, labels.Count - clear.Count);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or FormatException)
        {
            throw new SlideException($"{provenance} is damaged ({e.Message.Split('\n')[0]}). Analyse the slide again.", e);
        }
    }

    // Labels are of the pixels that were judged: another file is not trained from, whatever its name.
    private static (string Path, string Fingerprint) Verify(string name, string recorded, string? fingerprint, string? slidesFrom)
    {
        if (recorded.StartsWith(Slide.SyntheticPrefix, StringComparison.OrdinalIgnoreCase))
            return (recorded, "address:" + recorded);
        string path = recorded;
        if (slidesFrom is not null && System.IO.Path.Combine(slidesFrom, System.IO.Path.GetFileName(recorded)) is var moved && File.Exists(moved))
            path = moved;
        if (!File.Exists(path))
            throw new SlideException($"{name}: its slide is no longer at {recorded}{(slidesFrom is null ? string.Empty : $", nor in {slidesFrom}")}. Say where it lies now: --slides-from DIR.");
        string print = InputFingerprint.Of(path).Value;
        return print == fingerprint
            ? (path, print)
            : throw new SlideException($"{name}: {path} is not the file that was analysed and labelled (it has changed since). Bring the old file back, or name the folder that holds it: --slides-from DIR; or analyse the slide again and label it anew.");
    }
}
