using System.Globalization;
using Microtome.Imaging;
using Microtome.Learning.Metrics;

namespace Microtome.Pathology;

/// <summary>
/// Raters' scores of super-patches of 8 x 8 patches (til-thresholds, section 7.2): the exported table <c>filename,label,ctype,patch_count,RATER...</c>, or <c>slide,column,row,RATER...</c> whose counts
/// come from maps. Scores are 1 low, 2 medium, 3 high; 4 and blanks are none. The label is the mean of the valid scores, halves to even, or the column <c>label</c> where there are no raters.
/// </summary>
public static class SuperPatchTable
{
    private static readonly string[] s_known = ["filename", "slide", "slideid", "label", "ctype", "group", "patch_count", "positives", "tissue", "column", "row", "patient"];

    /// <summary>Reads a table.</summary>
    /// <param name="path">The file.</param>
    /// <param name="raters">The columns with scores; null: all that have no other meaning.</param>
    /// <exception cref="SlideException">A column is missing, or a cell is no whole number in its range.</exception>
    public static IReadOnlyList<SuperPatchScore> Read(string path, IReadOnlyList<string>? raters = null)
    {
        var csv = CsvTable.Read(path);
        int slide = First(csv, "slide", "filename", "slideID");
        if (slide < 0)
            throw new SlideException($"{path}: there is no column 'slide' or 'filename'.");
        int group = First(csv, "ctype", "group"), count = csv.Find("patch_count"), column = csv.Find("column"), row = csv.Find("row"), label = csv.Find("label"), patient = csv.Find("patient");
        if (count < 0 && (column < 0 || row < 0))
            throw new SlideException($"{path}: the columns are {string.Join(", ", csv.Columns)}; patch_count is expected, or column and row for counts from maps.");
        int[] scores = raters is not null
            ? [.. raters.Select(csv.Require)]
            : [.. Enumerable.Range(0, csv.Columns.Count).Where(c => csv.Columns[c].Length > 0 && !s_known.Contains(csv.Columns[c], StringComparer.OrdinalIgnoreCase))];
        if (scores.Length == 0 && label < 0)
            throw new SlideException($"{path}: there is no column with scores and none called 'label'.");
        return
        [
            .. Enumerable.Range(0, csv.Rows.Count).Select(r =>
            {
                string[] cells = csv.Rows[r];
                int line = csv.Line(r);
                int? one = scores.Length > 0
                    ? SuperPatchAgreement.Label(scores.Select(c => Whole(path, line, csv.Columns[c], cells[c], 0, 9)))
                    : SuperPatchAgreement.Label([Whole(path, line, "label", cells[label], 0, 9)]);
                int? place = column < 0 ? null : Whole(path, line, "column", cells[column], 0, int.MaxValue), height = row < 0 ? null : Whole(path, line, "row", cells[row], 0, int.MaxValue);
                int? counted = count < 0 ? null : Whole(path, line, "patch_count", cells[count], 0, SuperPatchAgreement.Bins - 1);
                if (counted is null && (place is null || height is null))
                    throw new SlideException($"{path}, line {line}: neither patch_count nor column and row are given.");
                return new SuperPatchScore(patient >= 0 && count >= 0 && cells[patient].Length > 0 ? cells[patient] : cells[slide], group < 0 ? string.Empty : cells[group], place, height, counted, one, line);
            }),
        ];
    }

    /// <summary>The counts of the super-patches in maps.</summary>
    /// <param name="path">The table, for messages.</param>
    /// <param name="scores">Super-patches with their places.</param>
    /// <param name="maps">The map of each slide by name.</param>
    /// <param name="threshold">A patch is positive from here on.</param>
    /// <exception cref="SlideException">A slide has no map, or a super-patch reaches beyond it.</exception>
    public static IReadOnlyList<int> Counts(string path, IReadOnlyList<SuperPatchScore> scores, IReadOnlyDictionary<string, PatchMap> maps, double threshold) =>
    [
        .. scores.Select(score =>
        {
            if (score.Column is not { } left || score.Row is not { } top)
                throw new SlideException($"{path}, line {score.Line}: column and row are needed to count in a map.");
            if (!maps.TryGetValue(score.Slide, out var map))
                throw new SlideException($"{path}, line {score.Line}: there is no map of {score.Slide}.");
            int width = map.Values.Width, height = map.Values.Height;
            if (left > width - SuperPatchAgreement.Side || top > height - SuperPatchAgreement.Side)
                throw new SlideException($"{path}, line {score.Line}: 8 x 8 patches from ({left}, {top}) on reach beyond the map of {score.Slide}, {width} x {height} patches.");
            int positives = 0;
            for (int y = top; y < top + SuperPatchAgreement.Side; y++)
            {
                for (int x = left; x < left + SuperPatchAgreement.Side; x++)
                    positives += map.Values[x, y] >= (float)threshold ? 1 : 0;
            }

            return positives;
        }),
    ];

    private static int First(CsvTable csv, params ReadOnlySpan<string> names)
    {
        foreach (string name in names)
        {
            if (csv.Find(name) is >= 0 and var found)
                return found;
        }

        return -1;
    }

    private static int? Whole(string path, int line, string column, string cell, int least, int most)
    {
        if (CsvTable.IsMissing(cell))
            return null;
        return double.TryParse(cell, NumberStyles.Float, CultureInfo.InvariantCulture, out double value) && value == Math.Floor(value) && value >= least && value <= most
            ? (int)value
            : throw new SlideException($"{path}, line {line}: {column} is '{cell}', no whole number from {least} to {most}.");
    }
}
