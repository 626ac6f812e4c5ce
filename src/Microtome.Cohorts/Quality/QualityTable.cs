using System.Globalization;
using System.Text;
using Microtome.Imaging;
using Microtome.Pathology;

namespace Microtome.Cohorts;

/// <summary>Verdicts as a table that people and programs read.</summary>
public static class QualityTable
{
    /// <summary>Who the verdict of a judgement is from.</summary>
    public const string Automatic = "automatic";

    /// <summary>Reads the measurements of slides that have them.</summary>
    /// <param name="slides">The slides.</param>
    /// <param name="output">The folder that holds a folder of results for each.</param>
    /// <param name="missing">Told the slide and the reason for each that has none.</param>
    public static IReadOnlyList<(CohortSlide Slide, SlideQuality Quality)> Measurements(IReadOnlyList<CohortSlide> slides, string output, Action<CohortSlide, string> missing)
    {
        var found = new List<(CohortSlide, SlideQuality)>();
        foreach (var slide in slides)
        {
            string folder = Path.Combine(output, slide.Name);
            try
            {
                if (!Directory.Exists(folder))
                    throw new SlideException($"{slide.Name} has no results in {output}.");
                found.Add((slide, SlideQuality.Read(Path.Combine(folder, SlideQuality.FileName))));
            }
            catch (SlideException e)
            {
                missing(slide, e.Message);
            }
        }

        return found;
    }

    /// <summary>Writes a CSV, a row a slide: verdict, reasons, and every number that was compared.</summary>
    public static void Write(string path, IReadOnlyList<SlideJudgement> judgements, IReadOnlyList<(CohortSlide Slide, SlideQuality Quality)> measurements)
    {
        var quality = measurements.ToDictionary(static m => m.Slide.Name, static m => m.Quality, StringComparer.Ordinal);
        var text = new StringBuilder("slide,patient,type,verdict,reviewer,score,causes,reference,reference_slides,reasons");
        foreach (var measure in QualityMeasure.All)
            text.Append(',').Append(measure.Name);
        text.Append('\n');
        foreach (var j in judgements)
        {
            text.AppendJoin(',', CsvTable.Quote(j.Slide.Name), CsvTable.Quote(j.Slide.Patient), CsvTable.Quote(j.Slide.Type), QualityWords.Of(j.Verdict), Automatic, j.Score.ToString(CultureInfo.InvariantCulture));
            text.Append(',').Append(CsvTable.Quote(string.Join("; ", j.Causes.Select(QualityWords.Of)))).Append(',').Append(CsvTable.Quote(j.Reference)).Append(',').Append(j.ReferenceSlides);
            text.Append(',').Append(CsvTable.Quote(string.Join("; ", j.Findings.Select(static f => f.Text))));
            foreach (var measure in QualityMeasure.All)
            {
                double value = measure.Value(quality[j.Slide.Name]);
                text.Append(',').Append(double.IsNaN(value) ? "NA" : Math.Round(value, 6).ToString(CultureInfo.InvariantCulture));
            }

            text.Append('\n');
        }

        AtomicFile.WriteAllText(path, text.ToString());
    }

    /// <summary>The verdicts of a table, by slide: of this one, or of any with the columns slide, verdict and, if it says so, reviewer.</summary>
    /// <exception cref="SlideException">The table cannot be read or holds another word than good, acceptable or bad.</exception>
    public static IReadOnlyDictionary<string, (SlideVerdict Verdict, string Reviewer)> ReadVerdicts(string path)
    {
        var table = CsvTable.Read(path);
        int slide = table.Require("slide"), verdict = table.Require("verdict"), reviewer = table.Find("reviewer");
        var verdicts = new Dictionary<string, (SlideVerdict, string)>(StringComparer.Ordinal);
        for (int i = 0; i < table.Rows.Count; i++)
        {
            string[] row = table.Rows[i];
            if (CsvTable.IsMissing(row[verdict]))
                continue;
            verdicts[row[slide]] = (QualityWords.Verdict(row[verdict]) ?? throw new SlideException($"{path}, line {table.Line(i)}: the verdict '{row[verdict]}' is none of good, acceptable, bad."), reviewer < 0 ? string.Empty : row[reviewer]);
        }

        return verdicts;
    }
}
