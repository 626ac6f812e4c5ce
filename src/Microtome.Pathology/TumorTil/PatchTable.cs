using System.Globalization;
using Microtome.Imaging;

namespace Microtome.Pathology;

/// <summary>
/// What a patch classifier says of a slide, patch by patch, as it stands in a file: WSInfer's CSV (<c>minx,miny,width,height,prob_*</c>, top left corners) or the
/// older text of <c>x y probability ...</c> (centres, rounded to pixels). Level-0 pixels. Files may be packed with gzip.
/// </summary>
public sealed class PatchTable
{
    private const string Prefix = "prob_";

    private PatchTable(string path, string[] classes, double? width, double? height, double[] centreX, double[] centreY, double[] probabilities)
    {
        Path = path;
        Classes = classes;
        PatchWidth = width;
        PatchHeight = height;
        CentreX = centreX;
        CentreY = centreY;
        Probabilities = probabilities;
    }

    /// <summary>Where it was read.</summary>
    public string Path { get; }

    /// <summary>The classes, as the columns <c>prob_CLASS</c> name them; one class without a name for the older text.</summary>
    public IReadOnlyList<string> Classes { get; }

    /// <summary>Patches.</summary>
    public int Count => CentreX.Length;

    /// <summary>Width of a patch in level-0 pixels where the file states it.</summary>
    public double? PatchWidth { get; }

    /// <summary>Height of a patch in level-0 pixels where the file states it.</summary>
    public double? PatchHeight { get; }

    /// <summary>Centres, level-0 pixels, shape [Count].</summary>
    public double[] CentreX { get; }

    /// <summary>Centres, level-0 pixels, shape [Count].</summary>
    public double[] CentreY { get; }

    /// <summary>Probabilities 0 to 1, shape [Count, Classes].</summary>
    public double[] Probabilities { get; }

    /// <summary>The slide that a file is about: its name without folder, endings, and the <c>prediction-</c> of the older text.</summary>
    public static string SlideOf(string path)
    {
        string name = System.IO.Path.GetFileName(path);
        foreach (string ending in (string[])[".gz", ".csv", ".txt", ".png"])
        {
            if (name.EndsWith(ending, StringComparison.OrdinalIgnoreCase))
                name = name[..^ending.Length];
        }

        return name.StartsWith("prediction-", StringComparison.Ordinal) ? name["prediction-".Length..] : name;
    }

    /// <summary>Reads a file of either layout.</summary>
    /// <exception cref="SlideException">The file is missing or damaged, a column is missing, or a cell is no number or no probability.</exception>
    public static PatchTable Read(string path)
    {
        string text = TextFile.Read(path);
        int end = text.IndexOf('\n');
        string first = end < 0 ? text : text[..end];
        if (string.IsNullOrWhiteSpace(text))
            throw new SlideException($"{path} is empty: neither a CSV of patches nor lines of 'x y probability'.");
        return first.Contains(',') ? FromCsv(CsvTable.Parse(path, text)) : FromText(path, text);
    }

    /// <summary>The place of the class to look at: the named one; else the only one; else the one that is not a background class, when it is unambiguous.</summary>
    /// <exception cref="UsageException">No class has this name, or several could be meant.</exception>
    public int ClassIndex(string? name, string option)
    {
        if (name is not null)
        {
            for (int k = 0; k < Classes.Count; k++)
            {
                if (Classes[k].Equals(name, StringComparison.OrdinalIgnoreCase))
                    return k;
            }

            throw new UsageException($"{option} '{name}': {Path} has no such class. It has: {string.Join(", ", Classes)}.");
        }

        int[] candidates = [.. Enumerable.Range(0, Classes.Count).Where(k => !TumorSubtypes.IsBackground(Classes[k]))];
        if (Classes.Count == 1)
            return 0;
        return candidates.Length == 1
            ? candidates[0]
            : throw new UsageException($"{Path} has the classes {string.Join(", ", Classes)}: say with {option} NAME which one is meant.");
    }

    private static PatchTable FromCsv(CsvTable csv)
    {
        int x = csv.Require("minx"), y = csv.Require("miny"), width = csv.Require("width"), height = csv.Require("height");
        int[] columns = [.. Enumerable.Range(0, csv.Columns.Count).Where(i => csv.Columns[i].StartsWith(Prefix, StringComparison.Ordinal))];
        if (columns.Length == 0)
            throw new SlideException($"{csv.Path} has no column that begins with {Prefix}: the table holds patches, but no probabilities.");
        int rows = csv.Rows.Count;
        double[] centreX = new double[rows], centreY = new double[rows], probabilities = new double[rows * columns.Length];
        double? w = null, h = null;
        for (int r = 0; r < rows; r++)
        {
            string[] cells = csv.Rows[r];
            double patchWidth = Number(csv.Path, csv.Line(r), "width", cells[width]), patchHeight = Number(csv.Path, csv.Line(r), "height", cells[height]);
            if (patchWidth <= 0 || patchHeight <= 0)
                throw new SlideException($"{csv.Path}, line {csv.Line(r)}: a patch of {cells[width]} x {cells[height]} px covers nothing.");
            if ((w ??= patchWidth) != patchWidth || (h ??= patchHeight) != patchHeight)
                throw new SlideException($"{csv.Path}, line {csv.Line(r)}: this patch has {cells[width]} x {cells[height]} px and the first {w} x {h} px. One table holds patches of one size.");
            centreX[r] = Number(csv.Path, csv.Line(r), "minx", cells[x]) + (patchWidth / 2);
            centreY[r] = Number(csv.Path, csv.Line(r), "miny", cells[y]) + (patchHeight / 2);
            for (int k = 0; k < columns.Length; k++)
                probabilities[(r * columns.Length) + k] = Probability(csv.Path, csv.Line(r), csv.Columns[columns[k]], cells[columns[k]]);
        }

        return new PatchTable(csv.Path, [.. columns.Select(k => csv.Columns[k][Prefix.Length..])], w, h, centreX, centreY, probabilities);
    }

    private static PatchTable FromText(string path, string text)
    {
        var (xs, ys, ps) = (new List<double>(), new List<double>(), new List<double>());
        int line = 0;
        foreach (var raw in text.AsSpan().EnumerateLines())
        {
            line++;
            if (raw.IsWhiteSpace())
                continue;
            string[] cells = raw.ToString().Split([' ', '\t'], StringSplitOptions.RemoveEmptyEntries);
            if (cells.Length < 3)
                throw new SlideException($"{path}, line {line}: '{Shorten(raw)}' is no line of 'x y probability'. A CSV of patches begins with minx,miny,width,height,prob_CLASS.");
            xs.Add(Number(path, line, "x", cells[0]));
            ys.Add(Number(path, line, "y", cells[1]));
            ps.Add(Probability(path, line, "the third number", cells[2]));
        }

        return new PatchTable(path, [string.Empty], null, null, [.. xs], [.. ys], [.. ps]);
    }

    private static string Shorten(ReadOnlySpan<char> text) => text.Length <= 60 ? text.ToString() : $"{text[..60]}...";

    private static double Number(string path, int line, string column, string cell) =>
        double.TryParse(cell, NumberStyles.Float, CultureInfo.InvariantCulture, out double value) && Math.Abs(value) < 1e9
            ? value
            : throw new SlideException($"{path}, line {line}: {column} is '{Shorten(cell)}', no number of pixels.");

    private static double Probability(string path, int line, string column, string cell) =>
        double.TryParse(cell, NumberStyles.Float, CultureInfo.InvariantCulture, out double value) && value is >= 0 and <= 1
            ? value
            : throw new SlideException($"{path}, line {line}: {column} is '{Shorten(cell)}', no probability from 0 to 1. The network that wrote it gave no answer for this patch, or raw scores.");
}
