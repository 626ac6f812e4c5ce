using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microtome.Imaging;
using Microtome.Learning.Supervision.Thresholds;
using Microtome.Pathology;

namespace Microtome.Cohorts;

/// <summary>A cohort that is no more than a folder of results, with a table that says what the slides are: where no ledger is kept.</summary>
public static class PlainCohort
{
    /// <summary>The slides of an output folder of <c>microtome analyze</c>, by name.</summary>
    /// <param name="output">The folder.</param>
    /// <param name="table">A CSV with the columns slide (a name or a path) and, as far as known, patient, type (or CancerType) and mpp; null: nothing is known of patients and types.</param>
    /// <remarks>Where nobody names the patient, a TCGA name does by its first 12 characters; any other slide is a patient of its own.</remarks>
    /// <returns>With a table, its slides in its order, whether they have results or not.</returns>
    /// <exception cref="SlideException">The folder or the table cannot be read, or there are no results.</exception>
    public static IReadOnlyList<CohortSlide> Read(string output, string? table = null)
    {
        if (!Directory.Exists(output))
            throw new SlideException($"{output}: {(File.Exists(output) ? "it is a file; name the output folder of 'microtome analyze'" : "there is no such folder")}.");
        var results = Directory.EnumerateDirectories(output).Where(static d => File.Exists(Path.Combine(d, ResultFolder.ProvenanceName))).Order(StringComparer.Ordinal).Select(Result).ToDictionary(static s => s.Name, StringComparer.Ordinal);
        if (results.Count == 0)
            throw new SlideException($"{output}: no results lie there (no folder with {ResultFolder.ProvenanceName}). Name the output folder of 'microtome analyze'.");
        return table is null ? [.. results.Values] : Join(results, CsvTable.Read(table));
    }

    private static List<CohortSlide> Join(Dictionary<string, CohortSlide> results, CsvTable table)
    {
        int slide = table.Require("slide"), patient = table.Find("patient"), type = Math.Max(table.Find("type"), table.Find("CancerType")), mpp = table.Find("mpp");
        var slides = new List<CohortSlide>();
        var seen = new HashSet<string>(StringComparer.Ordinal);
        for (int i = 0; i < table.Rows.Count; i++)
        {
            string[] row = table.Rows[i];
            // A name may hold dots: only what is no result is taken for a path.
            string name = results.ContainsKey(row[slide]) ? row[slide] : SlideName.Of(row[slide]);
            if (!seen.Add(name))
                throw new SlideException($"{table.Path}, line {table.Line(i)}: the slide {name} stands there twice.");
            var found = results.GetValueOrDefault(name) ?? new CohortSlide(name, row[slide], null, LeakageFilter.PatientOf(name, null), string.Empty);
            slides.Add(found with
            {
                Patient = LeakageFilter.PatientOf(name, Cell(patient)),
                Type = Cell(type) ?? string.Empty,
                Mpp = Cell(mpp) is not { } text ? found.Mpp : double.TryParse(text, CultureInfo.InvariantCulture, out double value) && value > 0 ? value
                    : throw new SlideException($"{table.Path}, line {table.Line(i)}: the mpp '{text}' is no number above 0."),
            });

            string? Cell(int column) => column < 0 || CsvTable.IsMissing(row[column]) ? null : row[column];
        }

        return slides;
    }

    private static CohortSlide Result(string folder)
    {
        string name = Path.GetFileName(folder);
        try
        {
            var root = JsonNode.Parse(File.ReadAllText(Path.Combine(folder, ResultFolder.ProvenanceName)));
            return new CohortSlide(name, (string?)root?["input"]?["path"] ?? string.Empty, (double?)root?["mpp"]?["given"], LeakageFilter.PatientOf(name, null), string.Empty);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or FormatException)
        {
            throw new SlideException($"{Path.Combine(folder, ResultFolder.ProvenanceName)} is damaged ({e.Message.Split('\n')[0]}). Analyse the slide again.", e);
        }
    }
}
