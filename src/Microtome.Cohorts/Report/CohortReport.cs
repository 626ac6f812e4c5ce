using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microtome.Imaging;
using Microtome.Ledger;
using Microtome.Pathology;

namespace Microtome.Cohorts;

/// <summary>The report of a cohort: one page of HTML that needs nothing else, with tables and distributions per cancer type, verdicts, and what failed. Rejected slides are counted, but not in the numbers.</summary>
public static class CohortReport
{
    private const int MostRows = 20_000;

    /// <summary>Writes the page.</summary>
    /// <param name="cohort">The cohort; records of shards are taken in first.</param>
    /// <param name="path">The file; links to the slides' own reports are relative to it.</param>
    /// <returns>The totals, as JSON.</returns>
    public static JsonObject Write(Cohort cohort, string path)
    {
        var status = CohortStatus.Of(cohort, int.MaxValue);
        var reviews = CohortReview.Of(cohort).ToDictionary(r => r.Slide.Name, StringComparer.Ordinal);
        var slides = cohort.Slides().Select(s => new Row(s.Slide, s.Item, s.Item.Result is { } json ? JsonNode.Parse(json)!.AsObject() : null, reviews.GetValueOrDefault(s.Slide.Name))).ToList();
        var page = new StringBuilder(1 << 20);
        page.Append("<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n");
        string title = Path.GetFileNameWithoutExtension(WorkLedger.IsServer(cohort.Ledger.Address) ? cohort.Plan.Output : cohort.Ledger.Address);
        page.Append("<meta name=\"generator\" content=\"Microtome\">\n<title>").Append(ReportPage.Escape(title)).Append(" - Microtome</title>\n<style>\n").Append(ReportPage.Style());
        page.Append("th { text-align: left; color: var(--soft); font-weight: 500; font-size: 13px; padding: 0 10px 6px 0; } .many td:first-child { width: auto; } .bad { color: #c0392b; } .many { font-size: 13px; } .many td { overflow-wrap: normal; }\n</style>\n</head>\n<body>\n<main>\n");
        var counted = slides.Where(s => s.Summary is not null && s.Review?.Rejected != true).ToList();
        page.Append("<header>\n<p class=\"kicker\">Microtome cohort report</p>\n<h1>").Append(ReportPage.Escape(title)).Append(CultureInfo.InvariantCulture, $"</h1>\n<p>{status.Counts.Total:#,##0} slides of {slides.Select(s => s.Slide.Patient).Distinct(StringComparer.Ordinal).Count():#,##0} patients; finds {string.Join(", ", cohort.Plan.Parts)}</p>\n</header>\n");
        long nuclei = counted.Sum(s => (long?)s.Summary!["nuclei_count"] ?? 0);
        Figures(page, [("done", Whole(status.Counts.Done), status.Counts.IsOver ? string.Empty : $"{status.Counts.Waiting + status.Counts.Running} left"), ("failed", Whole(status.Counts.Failed), string.Empty), ("rejected", Whole(slides.Count(s => s.Review?.Rejected == true)), "not counted below"), ("nuclei", Whole(nuclei), string.Empty), ("tissue", Axis.Text(counted.Sum(s => s.Number("tissue_area_mm2") ?? 0)) + " mm²", string.Empty)]);
        var types = slides.GroupBy(s => TypeName(s.Slide.Type), StringComparer.Ordinal).OrderBy(g => g.Key, StringComparer.Ordinal).Select(g => (Type: g.Key, Rows: g.ToList())).ToList();
        var perType = Types(page, types);
        page.Append("<h2>Distributions</h2>\n<div class=\"pair\">\n");
        foreach (var number in CohortNumber.All)
        {
            var values = types.Select(t => (t.Type, t.Rows.Where(r => r.Review?.Rejected != true).Select(r => r.Number(number.Key)).OfType<double>().ToArray())).ToList();
            if (values.Exists(v => v.Item2.Length > 0))
                CohortDrawing.Boxes(page, number, values);
        }

        Areas(page, cohort, types);
        page.Append("</div>\n");
        Verdicts(page, types);
        Failures(page, status);
        All(page, slides, cohort.Plan.Output, Path.GetDirectoryName(Path.GetFullPath(path))!);
        page.Append("<footer>Medians with the middle half in brackets; a dot is a slide. For research, not for diagnosis.</footer>\n</main>\n</body>\n</html>\n");
        AtomicFile.WriteAllText(path, page.ToString());
        return new JsonObject { ["report"] = Path.GetFullPath(path), ["slides"] = status.Counts.Total, ["done"] = status.Counts.Done, ["failed"] = status.Counts.Failed, ["rejected"] = slides.Count(s => s.Review?.Rejected == true), ["nuclei"] = nuclei, ["types"] = perType };
    }

    private static string TypeName(string type) => type.Length == 0 ? "no type" : type;

    private static string Whole(long value) => value.ToString("#,##0", CultureInfo.InvariantCulture);

    private static void Figures(StringBuilder page, (string Name, string Value, string Note)[] figures)
    {
        page.Append("<div class=\"figures\">\n");
        foreach (var (name, value, note) in figures)
            page.Append("<div class=\"card figure\"><div class=\"name\">").Append(name).Append("</div><div class=\"value\">").Append(value).Append("</div><div class=\"note\">").Append(note).Append("</div></div>\n");
        page.Append("</div>\n");
    }

    private static JsonArray Types(StringBuilder page, List<(string Type, List<Row> Rows)> types)
    {
        var json = new JsonArray();
        page.Append("<h2>Types</h2>\n<div class=\"card wide\"><table class=\"many\">\n<tr><th>type</th><th>slides</th><th>patients</th><th>done</th><th>failed</th><th>rejected</th><th>nuclei</th>");
        foreach (var number in CohortNumber.All)
            page.Append("<th>").Append(ReportPage.Escape(number.Title)).Append(number.Unit.Length > 0 ? ", " + number.Unit : string.Empty).Append("</th>");
        page.Append("</tr>\n");
        foreach (var (type, rows) in types)
        {
            var counted = rows.Where(r => r.Summary is not null && r.Review?.Rejected != true).ToList();
            long nuclei = counted.Sum(r => (long?)r.Summary!["nuclei_count"] ?? 0);
            var line = new JsonObject { ["type"] = type, ["slides"] = rows.Count, ["done"] = rows.Count(r => r.Item.State == ItemState.Done), ["failed"] = rows.Count(r => r.Item.State == ItemState.Failed), ["rejected"] = rows.Count(r => r.Review?.Rejected == true), ["nuclei"] = nuclei };
            page.Append(CultureInfo.InvariantCulture, $"<tr><td>{ReportPage.Escape(type)}</td><td>{rows.Count:#,##0}</td><td>{rows.Select(r => r.Slide.Patient).Distinct(StringComparer.Ordinal).Count():#,##0}</td><td>{line["done"]}</td><td>{line["failed"]}</td><td>{line["rejected"]}</td><td>{nuclei:#,##0}</td>");
            foreach (var number in CohortNumber.All)
            {
                double[] values = [.. counted.Select(r => r.Number(number.Key)).OfType<double>().Order()];
                page.Append("<td>").Append(values.Length == 0 ? "NA" : $"{Axis.Text(CohortDrawing.Quantile(values, 0.5))} ({Axis.Text(CohortDrawing.Quantile(values, 0.25))} to {Axis.Text(CohortDrawing.Quantile(values, 0.75))})").Append("</td>");
                line[number.Key + "_median"] = values.Length == 0 ? null : Math.Round(CohortDrawing.Quantile(values, 0.5), 6);
            }

            page.Append("</tr>\n");
            json.Add(line);
        }

        page.Append("</table></div>\n");
        return json;
    }

    private static void Areas(StringBuilder page, Cohort cohort, List<(string Type, List<Row> Rows)> types)
    {
        var lines = new List<(string, double[])>();
        QualityHistogram? shape = null;
        foreach (var (type, rows) in types)
        {
            double[]? sum = null;
            int slides = 0;
            foreach (var measured in QualityTable.Measurements([.. rows.Where(r => r.Item.State == ItemState.Done && r.Review?.Rejected != true).Select(r => r.Slide)], cohort.Plan.Output, static (_, _) => { }))
            {
                if (measured.Quality.Nuclei?.AreaLog2Um2 is not { } areas || areas.Total == 0)
                    continue;
                shape ??= areas;
                sum ??= new double[areas.Counts.Length];
                slides++;
                for (int i = 0; i < sum.Length; i++)
                    sum[i] += (double)areas.Counts[i] / areas.Total;
            }

            if (sum is not null)
                lines.Add((type, [.. sum.Select(s => s / slides)]));
        }

        if (shape is not null)
            CohortDrawing.Areas(page, lines, shape.Start, shape.Step);
    }

    private static void Verdicts(StringBuilder page, List<(string Type, List<Row> Rows)> types)
    {
        page.Append("<h2>Quality</h2>\n<div class=\"card wide\"><table class=\"many\">\n<tr><th>type</th><th>good</th><th>acceptable</th><th>bad</th><th>not judged</th><th>share bad</th><th>looked at by a person</th></tr>\n");
        foreach (var (type, rows) in types)
        {
            var reviews = rows.Select(r => r.Review).OfType<SlideReview>().ToList();
            int Of(SlideVerdict? verdict) => reviews.Count(r => r.Verdict == verdict);
            int judged = reviews.Count - Of(null);
            page.Append(CultureInfo.InvariantCulture, $"<tr><td>{ReportPage.Escape(type)}</td><td>{Of(SlideVerdict.Good)}</td><td>{Of(SlideVerdict.Acceptable)}</td><td>{Of(SlideVerdict.Bad)}</td><td>{Of(null)}</td><td>{(judged == 0 ? "NA" : Axis.Text((double)Of(SlideVerdict.Bad) / judged))}</td><td>{reviews.Count(r => r.At is not null)}</td></tr>\n");
        }

        page.Append("</table></div>\n");
        var rejected = types.SelectMany(t => t.Rows).Where(r => r.Review?.Rejected == true).ToList();
        if (rejected.Count == 0)
            return;
        page.Append("<h3 style=\"margin-top:18px\">Rejected</h3>\n<div class=\"card wide\"><table class=\"many\">\n");
        foreach (var row in rejected.Take(MostRows))
            page.Append(CultureInfo.InvariantCulture, $"<tr><td>{ReportPage.Escape(row.Slide.Name)}</td><td>{ReportPage.Escape(row.Slide.Type)}</td><td>{ReportPage.Escape(row.Review!.Reviewer)}</td><td>{ReportPage.Escape(string.Join("; ", row.Review.Reasons))}</td></tr>\n");
        page.Append("</table></div>\n");
    }

    private static void Failures(StringBuilder page, CohortStatus status)
    {
        if (status.Failures.Count == 0)
            return;
        page.Append("<h2>Failed</h2>\n<div class=\"card wide\"><table class=\"many\">\n");
        foreach (var (slide, reason) in status.Failures.Take(MostRows))
            page.Append("<tr><td>").Append(ReportPage.Escape(slide)).Append("</td><td>").Append(ReportPage.Escape(reason)).Append("</td></tr>\n");
        page.Append("</table></div>\n");
    }

    private static void All(StringBuilder page, List<Row> slides, string output, string from)
    {
        page.Append("<h2>Slides</h2>\n<div class=\"card wide\"><table class=\"many\">\n<tr><th>slide</th><th>type</th><th>patient</th><th>state</th><th>verdict</th><th>tissue, mm²</th><th>nuclei</th><th>per mm²</th><th>TIL share</th></tr>\n");
        foreach (var row in slides.Take(MostRows))
        {
            string name = ReportPage.Escape(row.Slide.Name);
            if (row.Item.State == ItemState.Done)
                name = $"<a href=\"{ReportPage.Escape(string.Join('/', Path.GetRelativePath(from, Path.Combine(output, row.Slide.Name, "report.html")).Split('/').Select(Uri.EscapeDataString)))}\">{name}</a>";
            string Cell(string key) => row.Number(key) is { } value ? Axis.Text(value) : string.Empty;
            string verdict = row.Review?.Verdict is { } v ? QualityWords.Of(v) : string.Empty;
            page.Append(CultureInfo.InvariantCulture, $"<tr><td>{name}</td><td>{ReportPage.Escape(row.Slide.Type)}</td><td>{ReportPage.Escape(row.Slide.Patient)}</td><td>{row.Item.State.ToString().ToLowerInvariant()}</td><td{(row.Review?.Rejected == true ? " class=\"bad\"" : string.Empty)}>{verdict}</td><td>{Cell("tissue_area_mm2")}</td><td>{Cell("nuclei_count")}</td><td>{Cell("nuclei_per_mm2")}</td><td>{Cell("til_fraction")}</td></tr>\n");
        }

        page.Append("</table></div>\n");
        if (slides.Count > MostRows)
            page.Append(CultureInfo.InvariantCulture, $"<p>The first {MostRows:#,##0} of {slides.Count:#,##0} slides; 'microtome cohort query' gives all.</p>\n");
    }

    private sealed record Row(CohortSlide Slide, LedgerItem Item, JsonObject? Summary, SlideReview? Review)
    {
        public double? Number(string key) => Summary?[key] is JsonValue value && value.GetValueKind() == JsonValueKind.Number ? (double)value : null;
    }
}
