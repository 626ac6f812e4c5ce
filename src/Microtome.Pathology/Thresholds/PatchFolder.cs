using Microtome.Imaging;
using Microtome.Learning.Supervision.Thresholds;

namespace Microtome.Pathology;

/// <summary>
/// Labelled patches in files with the published names: a folder (all of it, subfolders name the group) or a CSV <c>image,group</c> with <c>patient</c> and <c>split</c> where they are known.
/// </summary>
/// <param name="Patches">The patches, each with its split.</param>
public sealed record PatchFolder(IReadOnlyList<(SuperPatch Patch, string Split)> Patches)
{
    private static readonly string[] Endings = [".png", ".jpg", ".jpeg", ".tif", ".tiff"];

    /// <summary>The patches of a split.</summary>
    public IReadOnlyList<SuperPatch> Of(string split) => [.. Patches.Where(p => p.Split == split).Select(static p => p.Patch)];

    /// <summary>Finds the patches; pixels are read when they are needed.</summary>
    /// <param name="path">The folder or CSV.</param>
    /// <param name="slides">Says group, patient and split of slides that it lists; what the CSV says goes first.</param>
    /// <param name="split">The split of patches whose slide and patient are not listed.</param>
    /// <exception cref="SlideException">There is nothing there, a name is none of a labelled patch, or a column is missing.</exception>
    public static PatchFolder Read(string path, SlideList? slides, string split)
    {
        var found = Directory.Exists(path) ? InFolder(path, slides, split) : FromTable(path, slides, split);
        return found.Count > 0 ? new PatchFolder(found) : throw new SlideException($"{path} holds no labelled patch (SLIDE_X_Y_PX_PY_SIDE_LABEL.png).");
    }

    private static List<(SuperPatch, string)> InFolder(string folder, SlideList? slides, string split)
    {
        var found = new List<(SuperPatch, string)>();
        foreach (string file in Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories).Where(static f => Endings.Contains(Path.GetExtension(f), StringComparer.OrdinalIgnoreCase)).Order(StringComparer.Ordinal))
        {
            string relative = Path.GetRelativePath(folder, file);
            string[] parts = relative.Split(Path.DirectorySeparatorChar);
            found.Add(Make(file, relative, null, parts.Length > 1 ? parts[0] : string.Empty, null, null, slides, split));
        }

        return found;
    }

    private static List<(SuperPatch, string)> FromTable(string path, SlideList? slides, string split)
    {
        var csv = CsvTable.Read(path);
        int image = csv.Require("image"), group = csv.Require("group"), patient = csv.Find("patient"), part = csv.Find("split");
        string folder = Path.GetDirectoryName(Path.GetFullPath(path))!;
        var found = new List<(SuperPatch, string)>();
        for (int r = 0; r < csv.Rows.Count; r++)
        {
            string[] cells = csv.Rows[r];
            string file = Path.GetFullPath(cells[image], folder);
            if (!File.Exists(file))
                throw new SlideException($"{path}, line {csv.Line(r)}: {file} does not exist.");
            if (part >= 0 && cells[part] is not ("" or "train" or "validation" or "test"))
                throw new SlideException($"{path}, line {csv.Line(r)}: split '{cells[part]}' is none of train, validation, test.");
            found.Add(Make(file, cells[image], cells[group], string.Empty, patient < 0 ? null : cells[patient], part < 0 || cells[part].Length == 0 ? null : cells[part], slides, split));
        }

        return found;
    }

    private static (SuperPatch, string) Make(string file, string name, string? statedGroup, string folderGroup, string? statedPatient, string? statedSplit, SlideList? slides, string otherwise)
    {
        var parsed = PatchFileName.Parse(file);
        var row = slides?.Find(parsed.Slide);
        string patient = LeakageFilter.PatientOf(parsed.Slide, statedPatient is { Length: > 0 } ? statedPatient : row?.Patient);
        string group = statedGroup ?? row?.Group ?? folderGroup;
        return (new SuperPatch(name, () => ImageFile.ReadRgb(file), parsed.Label, patient, parsed.Slide, group), statedSplit ?? row?.Split ?? slides?.SplitOf(patient) ?? otherwise);
    }
}
