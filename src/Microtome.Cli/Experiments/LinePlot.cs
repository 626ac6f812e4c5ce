using System.Globalization;
using System.Net;
using System.Text;

namespace Microtome.Cli;

/// <summary>Lines with intervals over a common axis.</summary>
internal static class LinePlot
{
    private const int Width = 640, Height = 400, Left = 60, Right = 230, Top = 40, Bottom = 50;

    // Told apart by lightness too.
    private static readonly string[] Colours = ["#1b6ca8", "#d95f02", "#2a9d5c", "#7b3294", "#555555", "#c2185b", "#8a6d00"];

    /// <summary>Draws the lines.</summary>
    /// <param name="title">Above the plot.</param>
    /// <param name="xLabel">Below it.</param>
    /// <param name="yLabel">Beside it.</param>
    /// <param name="lines">A name and points (x, y, half width of the interval) each; a line of one point is drawn across.</param>
    /// <param name="highest">What lies above is cut off.</param>
    public static string Draw(string title, string xLabel, string yLabel, IReadOnlyList<(string Name, IReadOnlyList<(double X, double Y, double Half)> Points)> lines, double highest = 1)
    {
        double[] xs = [.. lines.Where(static l => l.Points.Count > 1).SelectMany(static l => l.Points).Select(static p => p.X)];
        double[] ys = [.. lines.SelectMany(static l => l.Points).SelectMany(static p => (double[])[p.Y - Known(p.Half), p.Y + Known(p.Half)])];
        double x0 = xs.Length == 0 ? 0 : xs.Min(), x1 = xs.Length == 0 ? 1 : xs.Max();
        double y0 = Math.Max(0, Math.Floor(ys.Min() * 10) / 10), y1 = Math.Min(highest, Math.Ceiling(ys.Max() * 10) / 10);
        double X(double x) => Left + ((x - x0) / Math.Max(1e-9, x1 - x0) * (Width - Left - Right));
        double Y(double y) => Height - Bottom - ((Math.Clamp(y, y0, y1) - y0) / Math.Max(1e-9, y1 - y0) * (Height - Top - Bottom));
        var svg = new StringBuilder();
        svg.Append(CultureInfo.InvariantCulture, $"<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{Width}\" height=\"{Height}\" font-family=\"sans-serif\" font-size=\"12\">\n<rect width=\"100%\" height=\"100%\" fill=\"#fff\"/>\n");
        svg.Append(CultureInfo.InvariantCulture, $"<text x=\"{Left}\" y=\"20\" font-weight=\"bold\">{WebUtility.HtmlEncode(title)}</text>\n");
        for (double tick = y0; tick < y1 + 1e-9; tick += 0.1)
            svg.Append(CultureInfo.InvariantCulture, $"<line x1=\"{Left}\" x2=\"{Width - Right}\" y1=\"{Y(tick):0.#}\" y2=\"{Y(tick):0.#}\" stroke=\"#ddd\"/><text x=\"{Left - 8}\" y=\"{Y(tick) + 4:0.#}\" text-anchor=\"end\">{tick:0.0}</text>\n");
        foreach (double tick in xs.Distinct().Order())
            svg.Append(CultureInfo.InvariantCulture, $"<text x=\"{X(tick):0.#}\" y=\"{Height - Bottom + 18}\" text-anchor=\"middle\">{tick:0.##}</text>\n");
        svg.Append(CultureInfo.InvariantCulture, $"<text x=\"{(Left + Width - Right) / 2}\" y=\"{Height - 10}\" text-anchor=\"middle\">{WebUtility.HtmlEncode(xLabel)}</text>\n");
        svg.Append(CultureInfo.InvariantCulture, $"<text transform=\"translate(16 {(Top + Height - Bottom) / 2}) rotate(-90)\" text-anchor=\"middle\">{WebUtility.HtmlEncode(yLabel)}</text>\n");
        for (int i = 0; i < lines.Count; i++)
        {
            var (name, points) = lines[i];
            string colour = Colours[i % Colours.Length], dash = points.Count == 1 ? " stroke-dasharray=\"5 4\"" : string.Empty;
            var path = points.Count == 1 ? [(x0, points[0].Y), (x1, points[0].Y)] : points.Select(static p => (p.X, p.Y)).ToArray();
            svg.Append(CultureInfo.InvariantCulture, $"<polyline fill=\"none\" stroke=\"{colour}\" stroke-width=\"2\"{dash} points=\"{string.Join(' ', path.Select(p => string.Create(CultureInfo.InvariantCulture, $"{X(p.Item1):0.#},{Y(p.Item2):0.#}")))}\"/>\n");
            foreach (var (x, y, half) in points.Where(p => points.Count > 1 && !double.IsNaN(p.Half)))
            {
                // Beside each other where lines meet.
                double at = X(x) + (3 * (i - (lines.Count / 2.0)));
                svg.Append(CultureInfo.InvariantCulture, $"<line x1=\"{at:0.#}\" x2=\"{at:0.#}\" y1=\"{Y(y - half):0.#}\" y2=\"{Y(y + half):0.#}\" stroke=\"{colour}\"/>");
            }

            svg.Append(CultureInfo.InvariantCulture, $"<line x1=\"{Width - Right + 14}\" x2=\"{Width - Right + 38}\" y1=\"{Top + (20 * i) + 8}\" y2=\"{Top + (20 * i) + 8}\" stroke=\"{colour}\" stroke-width=\"2\"{dash}/><text x=\"{Width - Right + 44}\" y=\"{Top + (20 * i) + 12}\">{WebUtility.HtmlEncode(name)}</text>\n");
        }

        return svg.Append("</svg>\n").ToString();
    }

    private static double Known(double half) => double.IsNaN(half) ? 0 : half;
}
