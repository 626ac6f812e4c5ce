using System.Globalization;
using System.Text;
using Microtome.Imaging;

namespace Microtome.Pathology;

/// <summary>The per-slide table of a cohort in the published layout, with the clinical columns joined; a row without maps holds NA.</summary>
public static class TilTable
{
    /// <summary>The columns before the clinical ones. The last two are not in the published table.</summary>
    public static IReadOnlyList<string> Columns { get; } =
        ["slideID", "n_Canc_patch", "n_TIL_patch", "n_TIL_patch_overlap", "percent_pos", "patchRatio", "scaled_PP", "TIL_Class", "n_unknown", "percent_pos_known"];

    /// <summary>Writes the table.</summary>
    /// <param name="slides">Slides with their figures, in order.</param>
    /// <param name="clinical">A table to join, or null.</param>
    /// <param name="key">Its column that names the slide or the patient, whose name begins the slide's.</param>
    /// <returns>The text and the clinical rows without a slide.</returns>
    /// <exception cref="SlideException">The clinical table has no such column or names one slide twice.</exception>
    public static (string Text, int WithoutMaps) Write(IReadOnlyList<(string Slide, TilStatistics? Statistics)> slides, CsvTable? clinical, string? key)
    {
        var cohort = new TilCohort(slides.Select(static s => s.Statistics?.PercentPositive));
        var text = new StringBuilder();
        int place = clinical is null ? -1 : clinical.Require(key ?? Columns[0]);
        int[] extra = clinical is null ? [] : [.. Enumerable.Range(0, clinical.Columns.Count).Where(c => c != place && clinical.Columns[c].Length > 0 && !Columns.Contains(clinical.Columns[c]))];
        text.AppendJoin(',', Columns.Concat(extra.Select(c => CsvTable.Quote(clinical!.Columns[c])))).Append('\n');
        var rows = new Dictionary<string, int>(StringComparer.Ordinal);
        for (int r = 0; clinical is not null && r < clinical.Rows.Count; r++)
        {
            if (!rows.TryAdd(clinical.Rows[r][place], r))
                throw new SlideException($"{clinical.Path}, line {clinical.Line(r)}: '{clinical.Rows[r][place]}' stands there twice in column '{clinical.Columns[place]}'. Keep one row for each.");
        }

        var used = new HashSet<int>();
        foreach (var (slide, statistics) in slides)
        {
            int row = RowOf(rows, slide);
            if (row >= 0)
                used.Add(row);
            Append(text, slide, statistics, cohort);
            foreach (int c in extra)
                text.Append(',').Append(row < 0 ? "NA" : CsvTable.Quote(clinical!.Rows[row][c]));
            text.Append('\n');
        }

        int without = 0;
        for (int r = 0; clinical is not null && r < clinical.Rows.Count; r++)
        {
            if (used.Contains(r))
                continue;
            without++;
            Append(text, clinical.Rows[r][place], null, cohort);
            foreach (int c in extra)
                text.Append(',').Append(CsvTable.Quote(clinical.Rows[r][c]));
            text.Append('\n');
        }

        return (text.ToString(), without);
    }

    /// <summary>A number as R prints it: 15 significant digits, NA when there is none.</summary>
    public static string Number(double? value) => value is { } v && double.IsFinite(v) ? v.ToString("G15", CultureInfo.InvariantCulture) : "NA";

    // A clinical table names slides (TCGA-4H-AAAK-01Z-00-DX1) or patients (TCGA-4H-AAAK); the longest match goes.
    private static int RowOf(Dictionary<string, int> rows, string slide)
    {
        for (int end = slide.Length; end > 0; end = slide.LastIndexOf('-', end - 1))
        {
            if (rows.TryGetValue(slide[..end], out int row))
                return row;
        }

        return -1;
    }

    private static void Append(StringBuilder text, string slide, TilStatistics? s, TilCohort cohort)
    {
        string[] cells =
        [
            CsvTable.Quote(slide), Number(s?.TumorCells), Number(s?.TilCells), Number(s?.OverlapCells), Number(s?.PercentPositive), Number(s?.PatchRatio),
            Number(cohort.Scaled(s?.PercentPositive)), cohort.Class(s?.PercentPositive)?.ToString() ?? "NA", Number(s?.UnknownCells), Number(s?.PercentPositiveKnown),
        ];
        text.AppendJoin(',', cells);
    }
}
