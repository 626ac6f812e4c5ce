using Microtome.Imaging;
using Microtome.Learning.Supervision.Thresholds;

namespace Microtome.Pathology;

/// <summary>The slides that patches are learnt from and tested on: a CSV with the columns <c>slide,map,group,patient,split</c>, and <c>mpp</c> where slides do not state their pixel size.</summary>
public sealed class SlideList
{
    /// <summary>The columns.</summary>
    public const string Header = "slide,map,group,patient,split";

    private static readonly string[] Splits = ["train", "validation", "test"];

    private readonly Dictionary<string, SlideListRow> _bySlide;
    private readonly Dictionary<string, string> _splitOfPatient = new(StringComparer.Ordinal);

    private SlideList(string path, IReadOnlyList<SlideListRow> rows)
    {
        Path = path;
        Rows = rows;
        _bySlide = rows.ToDictionary(static r => r.Name, StringComparer.Ordinal);
        foreach (var row in rows)
            _splitOfPatient[row.Patient] = row.Split;
    }

    /// <summary>Where it was read.</summary>
    public string Path { get; }

    /// <summary>The slides.</summary>
    public IReadOnlyList<SlideListRow> Rows { get; }

    /// <summary>Reads the list; relative paths count from its folder.</summary>
    /// <exception cref="SlideException">A column is missing, a split is unknown, a slide stands there twice, or a patient is in two splits.</exception>
    public static SlideList Read(string path)
    {
        var csv = CsvTable.Read(path);
        int slide = csv.Require("slide"), map = csv.Require("map"), group = csv.Require("group"), patient = csv.Require("patient"), split = csv.Require("split"), mpp = csv.Find("mpp");
        string folder = System.IO.Path.GetDirectoryName(System.IO.Path.GetFullPath(path))!;
        var rows = new List<SlideListRow>();
        for (int r = 0; r < csv.Rows.Count; r++)
        {
            string[] cells = csv.Rows[r];
            string place = $"{path}, line {csv.Line(r)}";
            if (cells[slide].Length == 0)
                throw new SlideException($"{place}: the slide is missing.");
            if (!Splits.Contains(cells[split], StringComparer.Ordinal))
                throw new SlideException($"{place}: split '{cells[split]}' is none of {string.Join(", ", Splits)}.");
            double? size = mpp < 0 || cells[mpp].Length == 0 ? null
                : double.TryParse(cells[mpp], System.Globalization.CultureInfo.InvariantCulture, out double value) && value is >= PixelSize.Smallest and <= PixelSize.Largest ? value
                : throw new SlideException($"{place}: mpp '{cells[mpp]}' is no pixel size from {PixelSize.Smallest} to {PixelSize.Largest} um.");
            string name = SlideName.Of(cells[slide]);
            rows.Add(new SlideListRow(name, Full(cells[slide]), cells[map].Length == 0 ? null : Full(cells[map]), cells[group], LeakageFilter.PatientOf(name, cells[patient]), cells[split], size));
        }

        if (rows.Count == 0)
            throw new SlideException($"{path} lists no slide.");
        if (rows.GroupBy(static r => r.Name, StringComparer.Ordinal).FirstOrDefault(static g => g.Count() > 1) is { } twice)
            throw new SlideException($"{path}: the slide {twice.Key} stands there twice.");
        foreach (var one in rows.GroupBy(static r => r.Patient, StringComparer.Ordinal))
        {
            string[] splits = [.. one.Select(static r => r.Split).Distinct(StringComparer.Ordinal)];
            if (splits.Length > 1)
                throw new SlideException($"{path}: patient {one.Key} is in {string.Join(" and ", splits)}. A patient belongs to one split, or the measured figures mean nothing: mend the split column.");
        }

        return new SlideList(path, rows);

        string Full(string cell) => cell.StartsWith(Slide.SyntheticPrefix, StringComparison.OrdinalIgnoreCase) ? cell : System.IO.Path.GetFullPath(cell, folder);
    }

    /// <summary>The slides of a split.</summary>
    public IEnumerable<SlideListRow> Of(string split) => Rows.Where(row => row.Split == split);

    /// <summary>The row of a slide, by its name or by what stands before the first dot of it; null when it is not listed.</summary>
    public SlideListRow? Find(string slide) => _bySlide.GetValueOrDefault(slide) ?? Rows.FirstOrDefault(row => row.Name.Split('.')[0] == slide.Split('.')[0]);

    /// <summary>The split of a patient; null when none of its slides is listed.</summary>
    public string? SplitOf(string patient) => _splitOfPatient.GetValueOrDefault(patient);
}
