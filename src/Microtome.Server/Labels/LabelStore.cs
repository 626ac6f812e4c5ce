using System.Collections.Concurrent;
using Microtome.Imaging;
using Microtome.Pathology;

namespace Microtome.Server;

/// <summary>
/// Patches that wait for a person's judgement, the most uncertain first, and the judgements. The queue follows from the table of probabilities and the labels alone: whoever asks gets the same.
/// </summary>
public sealed class LabelStore(TimeProvider? clock = null)
{
    private readonly ConcurrentDictionary<string, Lock> turns = new(StringComparer.Ordinal);
    private readonly TimeProvider clock = clock ?? TimeProvider.System;

    /// <summary>The patches nearest to the threshold that nobody has judged yet.</summary>
    /// <exception cref="SlideException">The table or the labels are damaged.</exception>
    internal PatchQueue Queue(CatalogEntry entry, string task, int count)
    {
        var (table, positive, threshold) = TableOf(entry, task);
        var labels = PatchLabelFile.Read(entry.Folder!).Where(l => l.Task == task).ToList();
        var judged = labels.Select(static l => (l.X, l.Y)).ToHashSet();
        var patches = Enumerable.Range(0, table.Count).Select(i => PatchOf(table, positive, i)).Where(p => !judged.Contains((p.X, p.Y))).ToList();
        return new PatchQueue(task, [.. table.Classes], table.Classes[positive], threshold, labels.Count, table.Count,
            [.. patches.OrderBy(p => Math.Abs(p.Probability - threshold)).Take(count)],
            labels.GroupBy(static l => l.Class, StringComparer.Ordinal).ToDictionary(static g => g.Key, static g => g.Count(), StringComparer.Ordinal));
    }

    /// <summary>Notes a judgement, or takes it back.</summary>
    /// <exception cref="IOException">The disk is full or the folder may not be written; the labels are as before.</exception>
    internal void Label(CatalogEntry entry, string task, PatchJudgement judgement)
    {
        var (table, positive, _) = TableOf(entry, task);
        int patch = Enumerable.Range(0, table.Count).FirstOrDefault(i => PatchOf(table, positive, i) is var p && p.X == judgement.X && p.Y == judgement.Y, -1);
        if (patch < 0)
            throw RequestException.Bad($"There is no patch at {judgement.X}, {judgement.Y}.");
        if (judgement.Class is { } name && name != PatchLabelFile.Unclear && !table.Classes.Contains(name, StringComparer.Ordinal))
            throw RequestException.Bad($"'{name}' is no class of this map. It has: {string.Join(", ", table.Classes)}, {PatchLabelFile.Unclear}.");
        lock (turns.GetOrAdd(entry.Folder!, _ => new Lock()))
        {
            var labels = PatchLabelFile.Read(entry.Folder!).Where(l => l.Task != task || l.X != judgement.X || l.Y != judgement.Y).ToList();
            if (judgement.Class is { } given)
            {
                var p = PatchOf(table, positive, patch);
                labels.Add(new PatchLabel(task, p.X, p.Y, p.Width, p.Height, given, given == PatchLabelFile.Unclear ? null : given == table.Classes[positive], p.Probability, clock.GetUtcNow().UtcDateTime));
            }

            PatchLabelFile.Write(entry.Folder!, labels);
        }
    }

    private static (PatchTable Table, int Positive, double Threshold) TableOf(CatalogEntry entry, string task)
    {
        if (task is not ("til" or "tumor") || entry.File(task + ".csv") is not { } path)
            throw RequestException.NotFound($"{entry.Name} has no patches of this kind to label.");
        var table = PatchTable.Read(path);
        int[] tumors = TumorSubtypes.TumorClasses(table);
        return (table, tumors.Length > 0 ? tumors[0] : 0, MapThreshold.Of(entry, task) ?? MapThreshold.Unknown);
    }

    private static QueuedPatch PatchOf(PatchTable table, int positive, int i)
    {
        double width = table.PatchWidth ?? 0, height = table.PatchHeight ?? 0;
        return new QueuedPatch(table.CentreX[i] - (width / 2), table.CentreY[i] - (height / 2), width, height, table.Probabilities[(i * table.Classes.Count) + positive]);
    }
}

/// <summary>What waits to be judged.</summary>
/// <param name="Task">til or tumor.</param>
/// <param name="Classes">What a patch can be called.</param>
/// <param name="Positive">The class that is mapped.</param>
/// <param name="Threshold">A patch is positive from this probability on.</param>
/// <param name="Labelled">Patches that have been judged.</param>
/// <param name="Total">All patches.</param>
/// <param name="Patches">The most uncertain first.</param>
/// <param name="Counts">Judgements by class.</param>
public sealed record PatchQueue(string Task, IReadOnlyList<string> Classes, string Positive, double Threshold, int Labelled, int Total, IReadOnlyList<QueuedPatch> Patches, IReadOnlyDictionary<string, int> Counts);

/// <summary>A patch that waits.</summary>
/// <param name="X">Left edge, level-0 pixels.</param>
/// <param name="Y">Upper edge, level-0 pixels.</param>
/// <param name="Width">Level-0 pixels.</param>
/// <param name="Height">Level-0 pixels.</param>
/// <param name="Probability">Of the class that is mapped.</param>
public sealed record QueuedPatch(double X, double Y, double Width, double Height, double Probability);

/// <summary>A judgement.</summary>
/// <param name="X">Left edge of the patch, level-0 pixels.</param>
/// <param name="Y">Upper edge, level-0 pixels.</param>
/// <param name="Class">A class of the map, <c>unclear</c>, or null to take the judgement back.</param>
public sealed record PatchJudgement(double X, double Y, string? Class);
