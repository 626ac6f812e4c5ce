using System.Globalization;
using System.Net;
using System.Text;
using Microtome.Imaging;

namespace Microtome.Pathology;

/// <summary>Writes a report as one page of HTML that needs nothing else: pictures are data URIs, drawings inline SVG, and there is no script.</summary>
public static class ReportPage
{
    /// <summary>The page.</summary>
    public static string Render(ReportContent content)
    {
        var page = new StringBuilder(1 << 20);
        page.Append("<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n");
        page.Append("<meta name=\"generator\" content=\"Microtome\">\n<title>").Append(Escape(content.Title)).Append(" - Microtome</title>\n<style>\n");
        page.Append(Style()).Append("</style>\n</head>\n<body>\n<main>\n");
        page.Append("<header>\n<p class=\"kicker\">Microtome slide report</p>\n<h1>").Append(Escape(content.Title)).Append("</h1>\n<p>").Append(Escape(content.Subtitle)).Append("</p>\n</header>\n");
        Figures(page, content.Figures);
        Warnings(page, content.Warnings);
        page.Append("<h2>Where</h2>\n<div class=\"pair\">\n");
        Overview(page, content);
        if (content.Density is not null)
            Density(page, content, content.Density);
        page.Append("</div>\n");
        Maps(page, content);
        if (content.Distributions.Count > 0)
        {
            page.Append("<h2>Nuclei</h2>\n<div class=\"pair\">\n");
            foreach (var distribution in content.Distributions)
                ReportDrawing.Histogram(page, distribution);
            page.Append("</div>\n");
        }

        Gallery(page, content);
        page.Append("<h2>Every number</h2>\n<div class=\"card\"><table>\n");
        foreach (var number in content.Numbers)
            page.Append("<tr><td>").Append(Escape(number.Name)).Append("</td><td class=\"number\">").Append(Escape(number.Value)).Append("</td><td class=\"unit\">").Append(Escape(number.Unit)).Append("</td></tr>\n");
        page.Append("</table></div>\n");
        Quantiles(page, content.Quantiles);
        page.Append("<h2>How it was made</h2>\n<div class=\"card\"><table>\n");
        foreach (var (name, value) in content.Provenance)
            page.Append("<tr><td>").Append(Escape(name)).Append("</td><td><code>").Append(Escape(value)).Append("</code></td></tr>\n");
        page.Append("</table></div>\n<footer>Command line, threads, times and hashes of every file are in provenance.json; the numbers as data in summary.json. For research, not for diagnosis.</footer>\n");
        page.Append("</main>\n</body>\n</html>\n");
        return page.ToString();
    }

    internal static string Escape(string text) => WebUtility.HtmlEncode(text);

    internal static string DataUri(string type, byte[] bytes) => $"data:{type};base64,{Convert.ToBase64String(bytes)}";

    internal static string Style()
    {
        using var stream = typeof(ReportPage).Assembly.GetManifestResourceStream("report.css") ?? throw new InvalidOperationException("report.css is not embedded.");
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }

    private static void Figures(StringBuilder page, IReadOnlyList<ReportFigure> figures)
    {
        page.Append("<div class=\"figures\">\n");
        foreach (var figure in figures)
        {
            page.Append("<div class=\"card figure\"><div class=\"name\">").Append(Escape(figure.Name)).Append("</div><div class=\"value\">").Append(Escape(figure.Value));
            if (figure.Unit.Length > 0)
                page.Append("<span class=\"unit\">").Append(Escape(figure.Unit)).Append("</span>");
            page.Append("</div>");
            if (figure.Note is not null)
                page.Append("<div class=\"note\">").Append(Escape(figure.Note)).Append("</div>");
            page.Append("</div>\n");
        }

        page.Append("</div>\n");
    }

    private static void Warnings(StringBuilder page, IReadOnlyList<string> warnings)
    {
        if (warnings.Count == 0)
            return;
        page.Append("<div class=\"card warnings\"><h3>Before you rely on it</h3><ul>\n");
        foreach (string warning in warnings)
            page.Append("<li>").Append(Escape(warning)).Append("</li>\n");
        page.Append("</ul></div>\n");
    }

    private static void Quantiles(StringBuilder page, IReadOnlyList<ReportQuantiles> rows)
    {
        if (rows.Count == 0)
            return;
        page.Append("<div class=\"card wide\"><table class=\"quantiles\">\n<tr><th>per nucleus</th><th>unit</th><th>mean</th><th>5 %</th><th>25 %</th><th>median</th><th>75 %</th><th>95 %</th></tr>\n");
        foreach (var row in rows)
        {
            page.Append("<tr><td>").Append(Escape(row.Name)).Append("</td><td class=\"unit\">").Append(Escape(row.Unit)).Append("</td>");
            foreach (double value in row.Values)
                page.Append("<td class=\"number\">").Append(Axis.Text(value)).Append("</td>");
            page.Append("</tr>\n");
        }

        page.Append("</table></div>\n");
    }

    private static void Overview(StringBuilder page, ReportContent content)
    {
        page.Append("<figure class=\"card\"><h3>Slide and tissue</h3><div class=\"picture\"><img alt=\"The slide\" src=\"").Append(DataUri("image/jpeg", content.Thumbnail)).Append("\">\n");
        ReportDrawing.Overlay(page, content.Width, content.Height, "tissue");
        double stroke = Math.Max(content.Width, content.Height) / 320.0;
        ReportDrawing.Paths(page, content.Tissue, 0, 0, "var(--outline)", stroke, Math.Max(content.Width, content.Height) / 1500.0);
        ReportDrawing.ScaleBar(page, content.Width, content.Height, content.PixelSize);
        page.Append("</svg></div>\n<figcaption>Outline: tissue that was analysed. Correct it in tissue.geojson and run again: the edited outline is kept.</figcaption></figure>\n");
    }

    private static void Density(StringBuilder page, ReportContent content, DensityMap map)
    {
        double top = ReportDrawing.TopDensity(map);
        page.Append("<figure class=\"card\"><h3>Nuclear density</h3><div class=\"picture\"><img class=\"faded\" alt=\"\" src=\"").Append(DataUri("image/jpeg", content.Thumbnail)).Append("\">\n");
        ReportDrawing.Overlay(page, content.Width, content.Height, "density");
        page.Append(CultureInfo.InvariantCulture, $"<image x=\"0\" y=\"0\" width=\"{map.Columns * map.SideX:0.##}\" height=\"{map.Rows * map.SideY:0.##}\" preserveAspectRatio=\"none\" style=\"image-rendering:pixelated\" href=\"");
        page.Append(DataUri("image/png", ReportDrawing.DensityPicture(map, top))).Append("\"/>\n");
        ReportDrawing.ScaleBar(page, content.Width, content.Height, content.PixelSize);
        page.Append("</svg></div>\n");
        ReportDrawing.Legend(page, top);
        page.Append(CultureInfo.InvariantCulture, $"<figcaption>Nuclei per mm² in squares of {map.SideMicrons:0} µm; squares without nuclei are left clear.</figcaption></figure>\n");
    }

    private static void Maps(StringBuilder page, ReportContent content)
    {
        if (content.Maps.Count == 0)
            return;
        page.Append("<h2>Tumor and lymphocytes</h2>\n<div class=\"pair\">\n");
        foreach (var map in content.Maps)
        {
            page.Append("<figure class=\"card\"><h3>").Append(Escape(map.Title)).Append("</h3><div class=\"picture\"><img class=\"faded\" alt=\"\" src=\"").Append(DataUri("image/jpeg", content.Thumbnail)).Append("\">\n");
            ReportDrawing.Overlay(page, content.Width, content.Height, "map");
            page.Append(map.Overlay);
            ReportDrawing.ScaleBar(page, content.Width, content.Height, content.PixelSize);
            page.Append("</svg></div>\n<svg class=\"legend\" viewBox=\"0 0 430 46\" role=\"img\" aria-label=\"Legend\">").Append(map.Legend).Append("</svg>\n<figcaption>").Append(Escape(map.Caption)).Append("</figcaption></figure>\n");
        }

        page.Append("</div>\n");
    }

    private static void Gallery(StringBuilder page, ReportContent content)
    {
        if (content.Crops.Count == 0)
            return;
        page.Append("<label class=\"toggle\"><input type=\"checkbox\" id=\"outlines\" checked> show outlines</label><h2>Look for yourself</h2>\n");
        foreach (var group in content.Crops.GroupBy(c => c.Group))
        {
            page.Append("<div class=\"group\">").Append(Escape(group.Key)).Append("</div>\n<div class=\"gallery\">\n");
            foreach (var crop in group)
            {
                var area = crop.Area;
                page.Append("<figure class=\"card\"><div class=\"picture\"><img alt=\"Crop\" src=\"").Append(DataUri("image/jpeg", crop.Picture)).Append("\">\n");
                ReportDrawing.Overlay(page, area.Width, area.Height, "nuclei");
                ReportDrawing.Paths(page, crop.Outlines, area.X, area.Y, "#22e06b", area.Width / 260.0, 0);
                page.Append("</svg>");
                ReportDrawing.Overlay(page, area.Width, area.Height, "scale");
                ReportDrawing.ScaleBar(page, area.Width, area.Height, content.PixelSize);
                page.Append(CultureInfo.InvariantCulture, $"</svg></div><figcaption>{Axis.Text(crop.NucleiPerSquareMillimetre)} nuclei/mm² · level-0 x {area.X:#,##0}, y {area.Y:#,##0}</figcaption></figure>\n");
            }

            page.Append("</div>\n");
        }
    }
}
