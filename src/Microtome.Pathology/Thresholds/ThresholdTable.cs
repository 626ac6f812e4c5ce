using System.Globalization;
using Microtome.Imaging;
using Microtome.Learning.Supervision.Thresholds;

namespace Microtome.Pathology;

/// <summary>The sliders that people set, a line a slide: <c>slide,lym_thr,nec_thr</c>. All slides of a group have the same (til-thresholds, section 3.1).</summary>
public sealed class ThresholdTable
{
    private readonly Dictionary<string, TeacherThresholds> _slides = new(StringComparer.Ordinal);

    private ThresholdTable()
    {
    }

    /// <summary>A table without slides: the standard sliders for all.</summary>
    public static ThresholdTable Empty { get; } = new();

    /// <summary>Slides that are listed.</summary>
    public int Count => _slides.Count;

    /// <summary>Reads the table; also lines of <c>slide lym_thr nec_thr</c> between spaces, as the published lists are.</summary>
    /// <exception cref="SlideException">A column is missing, a slider is no number from 0 to 1, or a slide is listed twice.</exception>
    public static ThresholdTable Read(string path)
    {
        string text = TextFile.Read(path);
        int end = text.IndexOf('\n');
        bool spaced = !(end < 0 ? text : text[..end]).Contains(',');
        var csv = CsvTable.Parse(path, spaced ? "slide,lym_thr,nec_thr\n" + string.Join('\n', text.Split('\n').Select(static line => string.Join(',', line.Split((char[])[' ', '\t', '\r'], StringSplitOptions.RemoveEmptyEntries)))) : text);
        int slide = csv.Require("slide"), lymphocytes = csv.Require("lym_thr"), necrosis = csv.Require("nec_thr");
        var table = new ThresholdTable();
        for (int r = 0; r < csv.Rows.Count; r++)
        {
            string[] cells = csv.Rows[r];
            int line = csv.Line(r) - (spaced ? 1 : 0);
            var thresholds = new TeacherThresholds(Slider(path, line, "lym_thr", cells[lymphocytes]), Slider(path, line, "nec_thr", cells[necrosis]));
            if (!table._slides.TryAdd(cells[slide], thresholds))
                throw new SlideException($"{path}, line {line}: the slide {cells[slide]} is listed twice.");
        }

        return table;
    }

    /// <summary>The sliders of a slide, by its name or by what stands before the first dot of it; the standard ones when it is not listed.</summary>
    public TeacherThresholds Of(string slide) =>
        _slides.TryGetValue(slide, out var thresholds) || _slides.TryGetValue(slide.Split('.')[0], out thresholds) ? thresholds : TeacherThresholds.Standard;

    /// <summary>Whether a slide is listed.</summary>
    public bool Lists(string slide) => _slides.ContainsKey(slide) || _slides.ContainsKey(slide.Split('.')[0]);

    private static double Slider(string path, int line, string column, string cell) =>
        double.TryParse(cell, NumberStyles.Float, CultureInfo.InvariantCulture, out double value) && value is >= 0 and <= 1
            ? value
            : throw new SlideException($"{path}, line {line}: {column} is '{cell}', no slider from 0 to 1.");
}
