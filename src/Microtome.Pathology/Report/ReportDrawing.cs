using System.Globalization;
using System.Text;
using Microtome.Imaging;

namespace Microtome.Pathology;

/// <summary>The drawings of a report, as SVG.</summary>
internal static class ReportDrawing
{
    public static void Overlay(StringBuilder page, long width, long height, string kind) =>
        page.Append(CultureInfo.InvariantCulture, $"<svg class=\"over {kind}\" viewBox=\"0 0 {width} {height}\" preserveAspectRatio=\"none\">\n");

    /// <summary>Outlines; vertices closer than <paramref name="coarseness"/> to the line between their neighbours are left out.</summary>
    public static void Paths(StringBuilder page, IEnumerable<Polygon> polygons, double left, double top, string colour, double stroke, double coarseness)
    {
        page.Append(CultureInfo.InvariantCulture, $"<path fill=\"none\" stroke=\"{colour}\" stroke-width=\"{stroke:0.###}\" stroke-linejoin=\"round\" d=\"");
        foreach (var polygon in polygons)
        {
            foreach (var ring in polygon.Holes.Prepend(polygon.Exterior))
            {
                char command = 'M';
                double lastX = double.NegativeInfinity, lastY = 0;
                foreach (var vertex in ring)
                {
                    if (Math.Abs(vertex.X - lastX) < coarseness && Math.Abs(vertex.Y - lastY) < coarseness)
                        continue;
                    page.Append(CultureInfo.InvariantCulture, $"{command}{vertex.X - left:0.#} {vertex.Y - top:0.#}");
                    command = 'L';
                    (lastX, lastY) = (vertex.X, vertex.Y);
                }

                page.Append('Z');
            }
        }

        page.Append("\"/>\n");
    }

    public static void ScaleBar(StringBuilder page, long width, long height, PixelSize pixelSize)
    {
        double microns = Axis.RoundLength(width * pixelSize.X * 0.28), length = microns / pixelSize.X;
        double thick = width / 130.0, x = width * 0.965 - length, y = height - (width * 0.04), text = width / 26.0;
        string label = microns >= 1000 ? $"{Axis.Text(microns / 1000)} mm" : $"{Axis.Text(microns)} µm";
        page.Append(CultureInfo.InvariantCulture, $"<g paint-order=\"stroke\" stroke=\"#fff\" stroke-width=\"{thick * 0.8:0.##}\" stroke-linejoin=\"round\" fill=\"#16141a\"><rect x=\"{x:0.##}\" y=\"{y:0.##}\" width=\"{length:0.##}\" height=\"{thick:0.##}\"/>");
        page.Append(CultureInfo.InvariantCulture, $"<text x=\"{x + (length / 2):0.##}\" y=\"{y - (text * 0.35):0.##}\" font-size=\"{text:0.##}\" font-weight=\"600\" text-anchor=\"middle\">{label}</text></g>\n");
    }

    public static double TopDensity(DensityMap map)
    {
        int[] ranked = map.Ranked();
        if (ranked.Length == 0)
            return 1;
        double top = map.PerSquareMillimetre(map.Counts[ranked[(int)((ranked.Length - 1) * 0.995)]]);
        double step = Axis.Step(top, 5);
        return Math.Ceiling(top / step) * step;
    }

    public static byte[] DensityPicture(DensityMap map, double top)
    {
        var image = new RgbImage(map.Columns, map.Rows);
        var alpha = new byte[map.Columns * map.Rows];
        for (int i = 0; i < alpha.Length; i++)
        {
            var (r, g, b) = ColourScale.At(map.PerSquareMillimetre(map.Counts[i]) / top);
            (image.Pixels[i * 3], image.Pixels[(i * 3) + 1], image.Pixels[(i * 3) + 2]) = (r, g, b);
            alpha[i] = map.Counts[i] > 0 ? (byte)225 : (byte)0;
        }

        return PngWriter.Write(image, alpha);
    }

    public static void Legend(StringBuilder page, double top)
    {
        page.Append("<svg class=\"legend\" viewBox=\"0 0 430 46\" role=\"img\" aria-label=\"Colour scale\"><defs><linearGradient id=\"scale\">");
        ScaleStops(page);

        page.Append("</linearGradient></defs><rect x=\"4\" y=\"4\" width=\"330\" height=\"14\" rx=\"3\" fill=\"url(#scale)\"/>");
        double step = Axis.Step(top, 4);
        for (double value = 0; value <= top * 1.0001; value += step)
        {
            double x = 4 + (330 * value / top);
            string anchor = value == 0 ? "start" : "middle";
            page.Append(CultureInfo.InvariantCulture, $"<text x=\"{x:0.#}\" y=\"36\" text-anchor=\"{anchor}\">{Axis.Text(value)}</text>");
        }

        page.Append("<text x=\"372\" y=\"16\">per mm²</text></svg>\n");
    }

    /// <summary>The colour scale as stops of an SVG gradient.</summary>
    public static void ScaleStops(StringBuilder page)
    {
        for (int i = 0; i <= 9; i++)
        {
            var (r, g, b) = ColourScale.At(i / 9.0);
            page.Append(CultureInfo.InvariantCulture, $"<stop offset=\"{i / 9.0:0.####}\" stop-color=\"#{r:x2}{g:x2}{b:x2}\"/>");
        }
    }

    public static void Histogram(StringBuilder page, ReportDistribution distribution)
    {
        const double left = 56, right = 520, top = 14, bottom = 204;
        var values = distribution.Values;
        page.Append("<figure class=\"card\"><h3>").Append(ReportPage.Escape(distribution.Title)).Append("</h3><svg class=\"chart\" viewBox=\"0 0 540 250\" role=\"img\">\n");
        double end = Math.Max(values.Quantile(0.995) * 1.05, values.BinWidth * distribution.Bars);
        double step = Axis.Step(end, 6);
        long[] bars = values.Bars(end, distribution.Bars);
        long most = Math.Max(1, bars.Max());
        double rise = Axis.Step(most, 4);
        for (double count = 0; count <= most; count += rise)
        {
            double y = bottom - ((bottom - top) * count / most);
            page.Append(CultureInfo.InvariantCulture, $"<line class=\"axis\" x1=\"{left}\" x2=\"{right}\" y1=\"{y:0.#}\" y2=\"{y:0.#}\"/><text x=\"{left - 8}\" y=\"{y + 4:0.#}\" text-anchor=\"end\">{Axis.Text(count)}</text>\n");
        }

        double width = (right - left) / bars.Length;
        for (int i = 0; i < bars.Length; i++)
        {
            double height = (bottom - top) * bars[i] / most;
            if (bars[i] > 0)
                page.Append(CultureInfo.InvariantCulture, $"<rect class=\"bar\" x=\"{left + (i * width) + 0.5:0.##}\" y=\"{bottom - height:0.##}\" width=\"{width - 1:0.##}\" height=\"{height:0.##}\"/>");
        }

        for (double value = 0; value <= end; value += step)
        {
            double x = left + ((right - left) * value / end);
            page.Append(CultureInfo.InvariantCulture, $"<text x=\"{x:0.#}\" y=\"{bottom + 18}\" text-anchor=\"middle\">{Axis.Text(value)}</text>\n");
        }

        double median = values.Quantile(0.5), at = left + ((right - left) * median / end);
        page.Append(CultureInfo.InvariantCulture, $"<line class=\"middle\" x1=\"{at:0.#}\" x2=\"{at:0.#}\" y1=\"{top}\" y2=\"{bottom}\"/><text class=\"strong\" x=\"{at + 6:0.#}\" y=\"{top + 10}\">median {Axis.Text(median)}</text>\n");
        page.Append(CultureInfo.InvariantCulture, $"<text x=\"{(left + right) / 2}\" y=\"{bottom + 40}\" text-anchor=\"middle\">{ReportPage.Escape(distribution.Axis)}</text></svg>\n");
        page.Append(CultureInfo.InvariantCulture, $"<figcaption>{values.Count:#,##0} nuclei; the largest 0.5 % may lie beyond the axis.</figcaption></figure>\n");
    }
}
