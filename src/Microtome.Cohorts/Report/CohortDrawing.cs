using System.Globalization;
using System.Text;
using Microtome.Pathology;

namespace Microtome.Cohorts;

/// <summary>The drawings of a cohort's report, as SVG.</summary>
internal static class CohortDrawing
{
    private const double Left = 118;
    private const double Right = 520;
    private const int MostPoints = 400;
    private static readonly string[] s_colours = ["#7a2f7d", "#00838f", "#b8600b", "#33691e", "#1a5fb4", "#a51d2d", "#6d5b97", "#5d4037", "#00695c", "#ad1457"];

    /// <summary>A row a type: every slide a dot, the middle half a box, the median a line.</summary>
    public static void Boxes(StringBuilder page, CohortNumber number, IReadOnlyList<(string Type, double[] Values)> types)
    {
        double most = types.SelectMany(t => t.Values).DefaultIfEmpty(0).Max(), end = most <= 0 ? 1 : most * 1.04, height = 34 + (26 * types.Count);
        page.Append("<figure class=\"card\"><h3>").Append(ReportPage.Escape(number.Title)).Append(CultureInfo.InvariantCulture, $"</h3><svg class=\"chart\" viewBox=\"0 0 540 {height + 22}\" role=\"img\">\n");
        double X(double value) => Left + ((Right - Left) * value / end);
        double step = Axis.Step(end, 5);
        for (double value = 0; value <= end; value += step)
            page.Append(CultureInfo.InvariantCulture, $"<line class=\"axis\" x1=\"{X(value):0.#}\" x2=\"{X(value):0.#}\" y1=\"6\" y2=\"{height - 24}\"/><text x=\"{X(value):0.#}\" y=\"{height - 8}\" text-anchor=\"middle\">{Axis.Text(value)}</text>\n");
        for (int i = 0; i < types.Count; i++)
        {
            var (type, values) = types[i];
            double y = 20 + (26 * i);
            string colour = s_colours[i % s_colours.Length];
            page.Append(CultureInfo.InvariantCulture, $"<text x=\"{Left - 8}\" y=\"{y + 4}\" text-anchor=\"end\">{ReportPage.Escape(Shorten(type))}</text>");
            double[] sorted = [.. values.Order()];
            if (sorted.Length == 0)
                continue;
            page.Append(CultureInfo.InvariantCulture, $"<rect x=\"{X(Quantile(sorted, 0.25)):0.#}\" y=\"{y - 8}\" width=\"{Math.Max(1, X(Quantile(sorted, 0.75)) - X(Quantile(sorted, 0.25))):0.#}\" height=\"16\" rx=\"3\" fill=\"{colour}\" fill-opacity=\".22\"/>");
            for (int k = 0; k < sorted.Length; k += Math.Max(1, sorted.Length / MostPoints))
                page.Append(CultureInfo.InvariantCulture, $"<circle cx=\"{X(sorted[k]):0.#}\" cy=\"{y + (((k * 7) % 11) - 5):0.#}\" r=\"2\" fill=\"{colour}\" fill-opacity=\".6\"/>");
            page.Append(CultureInfo.InvariantCulture, $"<line x1=\"{X(Quantile(sorted, 0.5)):0.#}\" x2=\"{X(Quantile(sorted, 0.5)):0.#}\" y1=\"{y - 9}\" y2=\"{y + 9}\" stroke=\"{colour}\" stroke-width=\"2.5\"/>\n");
        }

        page.Append(CultureInfo.InvariantCulture, $"<text x=\"{(Left + Right) / 2}\" y=\"{height + 12}\" text-anchor=\"middle\">{ReportPage.Escape(number.Unit.Length == 0 ? "share" : number.Unit)}</text></svg></figure>\n");
    }

    /// <summary>The areas of all nuclei of each type, every slide with the same weight.</summary>
    public static void Areas(StringBuilder page, IReadOnlyList<(string Type, double[] Shares)> types, double start, double step)
    {
        const double top = 14, bottom = 204;
        double most = types.SelectMany(t => t.Shares).DefaultIfEmpty(0).Max();
        if (most <= 0)
            return;
        int bins = types[0].Shares.Length;
        double X(double bin) => 30 + ((Right - 30) * bin / bins);
        page.Append("<figure class=\"card\"><h3>Area of the nuclei</h3><svg class=\"chart\" viewBox=\"0 0 540 250\" role=\"img\">\n");
        for (double power = Math.Ceiling(start); power <= start + (step * bins); power++)
        {
            double x = X((power - start) / step);
            page.Append(CultureInfo.InvariantCulture, $"<line class=\"axis\" x1=\"{x:0.#}\" x2=\"{x:0.#}\" y1=\"{top}\" y2=\"{bottom}\"/><text x=\"{x:0.#}\" y=\"{bottom + 18}\" text-anchor=\"middle\">{Axis.Text(Math.Pow(2, power))}</text>\n");
        }

        for (int i = 0; i < types.Count; i++)
        {
            string colour = s_colours[i % s_colours.Length];
            page.Append(CultureInfo.InvariantCulture, $"<polyline fill=\"none\" stroke=\"{colour}\" stroke-width=\"2\" points=\"");
            for (int b = 0; b < bins; b++)
                page.Append(CultureInfo.InvariantCulture, $"{X(b + 0.5):0.#},{bottom - ((bottom - top) * types[i].Shares[b] / most):0.#} ");
            page.Append(CultureInfo.InvariantCulture, $"\"/><text x=\"{Right}\" y=\"{top + 12 + (15 * i)}\" text-anchor=\"end\" style=\"fill:{colour}\">{ReportPage.Escape(Shorten(types[i].Type))}</text>\n");
        }

        page.Append(CultureInfo.InvariantCulture, $"<text x=\"{(30 + Right) / 2}\" y=\"{bottom + 40}\" text-anchor=\"middle\">µm² (logarithmic)</text></svg><figcaption>Share of the nuclei of a slide, averaged over the slides of a type.</figcaption></figure>\n");
    }

    /// <summary>A quantile of sorted values, interpolated.</summary>
    public static double Quantile(double[] sorted, double share)
    {
        double at = share * (sorted.Length - 1);
        int low = (int)at;
        return low + 1 < sorted.Length ? sorted[low] + ((at - low) * (sorted[low + 1] - sorted[low])) : sorted[low];
    }

    private static string Shorten(string text) => text.Length <= 16 ? text : text[..15] + "…";
}
