using Microtome.Imaging;
using Microtome.Learning.Supervision.Patches;
using Microtome.Learning.Supervision.Thresholds;

namespace Microtome.Pathology;

/// <summary>Everything that learning from thresholds needs, put together from the files: what is trained from and what thresholds are fixed on.</summary>
/// <param name="Set">The training patches.</param>
/// <param name="Validation">The validation patches.</param>
/// <param name="Notes">What a person should know.</param>
public sealed record ThresholdData(TrainingSet Set, IReadOnlyList<LabelledPatch> Validation, IReadOnlyList<string> Notes)
{
    /// <summary>Gathers the patches.</summary>
    /// <param name="kind">Which labels.</param>
    /// <param name="slides">The slides.</param>
    /// <param name="manual">Folder or CSV of the pathologists' patches; null: there are none.</param>
    /// <param name="semi">Folder or CSV of patches that are cut already; null: they are cut from the slides.</param>
    /// <param name="cutting">How they are cut.</param>
    /// <param name="tested">Further slides that must not be trained from, with their patients.</param>
    /// <param name="log">Receives a line a slide.</param>
    /// <param name="cancellation">Stops the cutting.</param>
    /// <exception cref="SlideException">Files are missing or wrong, or nothing is left to train from.</exception>
    public static ThresholdData Gather(
        TrainingSetKind kind, SlideList slides, string? manual, string? semi, SemiAutomaticPatches cutting, IEnumerable<(string Slide, string Patient)> tested, Action<string> log, CancellationToken cancellation)
    {
        if (manual is null && kind is not TrainingSetKind.Semi)
            throw new UsageException($"--labels {kind.ToString().ToLowerInvariant()} needs the pathologists' patches: give --manual DIR.");
        var notes = new List<string>();
        var byHand = manual is null ? new PatchFolder([]) : PatchFolder.Read(manual, slides, "train");
        var byTeacher = semi is null ? null : PatchFolder.Read(semi, slides, "train");
        bool needSemi = kind is not TrainingSetKind.Manual;
        var test = slides.Of("test").Select(static r => (r.Name, r.Patient)).Concat(tested).ToList();
        var filter = new LeakageFilter([.. test, .. slides.Of("validation").Select(static r => (r.Name, r.Patient)), .. Held(byHand), .. byTeacher is null ? [] : Held(byTeacher)]);
        SuperPatch[] train = needSemi ? [.. Teacher("train")] : [];
        var set = TrainingSet.Of(kind, byHand.Of("train"), train, filter);

        var testOnly = new LeakageFilter(test);
        SuperPatch[] validation = [.. byHand.Of("validation").Where(p => !testOnly.Blocks(p))];
        if (validation.Length == 0)
        {
            validation = [.. Teacher("validation").Where(p => !testOnly.Blocks(p))];
            if (validation.Length > 0)
                notes.Add("The threshold is fixed on patches that teacher maps labelled, not pathologists: it inherits their mistakes.");
        }

        if (validation.Length > 0 && validation.All(p => p.Label == validation[0].Label))
            throw new SlideException($"All {validation.Length} validation patches are {(validation[0].Label == 1 ? "positive" : "negative")}: no threshold can be found on them. Add validation slides of the other kind.");
        if (validation.Length == 0)
            notes.Add("There are no validation patches: the threshold is 0.5, and the last weights are taken.");
        string[] groups = [.. validation.Select(static p => p.Group).Distinct(StringComparer.Ordinal)];
        if (groups.Length == 1 && set.Patches.Any(p => p.Group != groups[0]))
            notes.Add($"Threshold and weights are chosen on '{groups[0]}' alone: how far they hold for the other groups is untested (trap 6).");
        return new ThresholdData(set, [.. validation.Select(p => p.Middle(cutting.Pixels))], notes);

        // Validation and test patches of the folders hold back their slides and patients too.
        static IEnumerable<(string, string)> Held(PatchFolder folder) => folder.Patches.Where(static p => p.Split != "train").Select(static p => (p.Patch.Slide, p.Patch.Patient));

        IEnumerable<SuperPatch> Teacher(string split)
        {
            if (byTeacher is not null)
                return byTeacher.Of(split);
            var cut = new List<SuperPatch>();
            int tables = 0, unlisted = 0;
            foreach (var row in slides.Of(split))
            {
                cancellation.ThrowIfCancellationRequested();
                var patches = cutting.Cut(row);
                // Pictures are thresholded already: no slider touches them.
                if (row.Map is { } map && !TeacherSlide.IsPicture(map))
                {
                    tables++;
                    unlisted += cutting.Thresholds.Lists(row.Name) ? 0 : 1;
                }

                cut.AddRange(patches);
                log($"{row.Name}: {patches.Count} patches, {patches.Count(static p => p.Label == 1)} positive");
            }

            if (cutting.Thresholds.Count > 0 && unlisted > 0)
                notes.Add($"{unlisted} of {tables} {split} slides whose maps are probabilities are not in the table of thresholds: 0.775 and 0.775 for them.");
            return cut;
        }
    }

    /// <summary>Reads names of slides that must not be trained from: a CSV with the columns <c>slide</c> and perhaps <c>patient</c>, or one name a line.</summary>
    /// <exception cref="SlideException">The file is missing or empty.</exception>
    public static IReadOnlyList<(string Slide, string Patient)> ReadTested(string path)
    {
        string text = TextFile.Read(path);
        int end = text.IndexOf('\n');
        string first = (end < 0 ? text : text[..end]).Trim();
        if (!first.Contains(',') && first != "slide")
            text = "slide\n" + text;
        var csv = CsvTable.Parse(path, text);
        int slide = csv.Require("slide"), patient = csv.Find("patient");
        return [.. csv.Rows.Select(cells => (Path.GetFileName(cells[slide]), patient < 0 ? string.Empty : cells[patient]))];
    }
}
