using System.Globalization;
using System.IO.Compression;
using System.Text;
using Microtome.Imaging;

namespace Microtome.Pathology;

/// <summary>Maps of patches as pictures: one pixel a patch, laid over the pale slide, with a legend. The same drawings make the PNG files and the report.</summary>
internal static class MapPicture
{
    private const int PictureWidth = 1400;

    // librsvg smooths whatever is enlarged, browsers do not: its pixels are made large beforehand.
    private const int Enlargement = 1400;

    /// <summary>Of the PNG files: half the time of zlib's default for an eighth more bytes.</summary>
    public const int Compression = 3;

    private const byte Opacity = 200;

    /// <summary>The colours of the combined map's classes, as published (tumor-til, section 6.1).</summary>
    public static readonly IReadOnlyList<(CombinedMapClass Class, string Colour, string Name)> Classes =
    [
        (CombinedMapClass.Tumor, "#ffff00", "tumor"),
        (CombinedMapClass.Til, "#ff0000", "lymphocytes"),
        (CombinedMapClass.TumorAndTil, "#ffa500", "both"),
        (CombinedMapClass.Tissue, "#c0c0c0", "other tissue"),
    ];

    /// <summary>What the probability of a task is called.</summary>
    public static string Title(PatchTask task) => task == PatchTask.Til ? "Lymphocytes" : "Tumor";

    /// <summary>A picture of a probability map with its legend.</summary>
    public static RgbImage Probability(SlideJob job, PatchResult result) =>
        Draw(job, $"{Title(result.Model.Task)}, probability per {Text(result.Model.Config.PatchUm)} µm patch", result.Map is { } map ? Overlay(map, Enlargement) : string.Empty, ProbabilityLegend());

    /// <summary>A picture of the combined map with its legend.</summary>
    public static RgbImage Combined(SlideJob job, CombinedMap? map, PatchMap? til) =>
        Draw(job, "Tumor and lymphocytes", map is null || til is null ? string.Empty : Overlay(map, til, Enlargement), ClassLegend());

    /// <summary>The map as an SVG image in level-0 pixels; cells without a patch are clear.</summary>
    /// <param name="map">The map.</param>
    /// <param name="leastSide">The image gets about this side by repeating its pixels; 1 leaves one pixel a patch.</param>
    public static string Overlay(PatchMap map, int leastSide = 1)
    {
        var image = new RgbImage(map.Values.Width, map.Values.Height);
        byte[] alpha = new byte[image.Width * image.Height];
        for (int i = 0; i < alpha.Length; i++)
        {
            float value = map.Values.Samples[i];
            if (float.IsNaN(value))
                continue;
            (image.Pixels[3 * i], image.Pixels[(3 * i) + 1], image.Pixels[(3 * i) + 2]) = ColourScale.At(value);
            alpha[i] = Opacity;
        }

        return Place(map, image, alpha, leastSide);
    }

    /// <summary>The class view of a combined map that lies on the lymphocyte grid.</summary>
    public static string Overlay(CombinedMap map, PatchMap til, int leastSide = 1)
    {
        var (view, alpha) = map.ClassView();
        for (int i = 0; i < alpha.Length; i++)
            alpha[i] = Math.Min(alpha[i], Opacity);
        return Place(til, view, alpha, leastSide);
    }

    /// <summary>A legend from 0 to 1, 430 x 46.</summary>
    public static string ProbabilityLegend()
    {
        var legend = new StringBuilder();
        legend.Append("<defs><linearGradient id=\"probability\">");
        ReportDrawing.ScaleStops(legend);

        legend.Append("</linearGradient></defs><rect x=\"4\" y=\"4\" width=\"330\" height=\"14\" rx=\"3\" fill=\"url(#probability)\"/>");
        for (int i = 0; i <= 4; i++)
            legend.Append(CultureInfo.InvariantCulture, $"<text x=\"{4 + (330 * i / 4.0):0.#}\" y=\"36\" text-anchor=\"{(i == 0 ? "start" : "middle")}\">{i / 4.0:0.##}</text>");
        return legend.Append("<text x=\"346\" y=\"16\">probability</text>").ToString();
    }

    /// <summary>The legend of the classes, 430 x 46.</summary>
    public static string ClassLegend()
    {
        var legend = new StringBuilder();
        double x = 4;
        foreach (var (_, colour, name) in Classes)
        {
            legend.Append(CultureInfo.InvariantCulture, $"<rect x=\"{x:0.#}\" y=\"4\" width=\"14\" height=\"14\" rx=\"3\" fill=\"{colour}\" stroke=\"#888\" stroke-width=\"0.5\"/><text x=\"{x + 20:0.#}\" y=\"16\">{name}</text>");
            x += 44 + (7.2 * name.Length);
        }

        return legend.ToString();
    }

    private static string Place(PatchMap map, RgbImage image, byte[] alpha, int leastSide)
    {
        int times = Math.Clamp(leastSide / Math.Max(image.Width, image.Height), 1, 64);
        (image, alpha) = Repeat(image, alpha, times);
        // What librsvg draws is read back at once; the others stay in the report.
        var compression = leastSide > 1 ? CompressionLevel.Fastest : CompressionLevel.Optimal;
        double x = map.Columns.Start, y = map.Rows.Start, width = map.Columns.Step * map.Columns.Count, height = map.Rows.Step * map.Rows.Count;
        return string.Create(CultureInfo.InvariantCulture, $"<image x=\"{x:0.##}\" y=\"{y:0.##}\" width=\"{width:0.##}\" height=\"{height:0.##}\" preserveAspectRatio=\"none\" style=\"image-rendering:optimizeSpeed;image-rendering:pixelated\" xlink:href=\"{ReportPage.DataUri("image/png", PngWriter.Write(image, alpha, compression))}\"/>\n");
    }

    private static (RgbImage Image, byte[] Alpha) Repeat(RgbImage image, byte[] alpha, int times)
    {
        if (times == 1)
            return (image, alpha);
        var large = new RgbImage(image.Width * times, image.Height * times);
        byte[] largeAlpha = new byte[large.Width * large.Height];
        for (int y = 0; y < large.Height; y++)
        {
            ReadOnlySpan<byte> from = image.Row(y / times);
            var to = large.Row(y);
            for (int x = 0; x < large.Width; x++)
            {
                from.Slice(x / times * 3, 3).CopyTo(to[(x * 3)..]);
                largeAlpha[(y * large.Width) + x] = alpha[(y / times * image.Width) + (x / times)];
            }
        }

        return (large, largeAlpha);
    }

    private static RgbImage Draw(SlideJob job, string title, string overlay, string legend)
    {
        var level0 = job.Slide.Levels[0];
        double height = PictureWidth * (double)level0.Height / level0.Width;
        var svg = new StringBuilder();
        svg.Append(CultureInfo.InvariantCulture, $"<svg xmlns=\"http://www.w3.org/2000/svg\" xmlns:xlink=\"http://www.w3.org/1999/xlink\" width=\"{PictureWidth}\" height=\"{height + 150:0}\" viewBox=\"0 0 {PictureWidth} {height + 150:0}\" font-family=\"DejaVu Sans, sans-serif\"><rect width=\"100%\" height=\"100%\" fill=\"#fff\"/>\n");
        svg.Append(CultureInfo.InvariantCulture, $"<text x=\"16\" y=\"36\" font-size=\"24\" font-weight=\"600\" fill=\"#1d1b22\">{ReportPage.Escape(title)}</text>\n");
        svg.Append(CultureInfo.InvariantCulture, $"<svg x=\"0\" y=\"56\" width=\"{PictureWidth}\" height=\"{height:0.##}\" viewBox=\"0 0 {level0.Width} {level0.Height}\" preserveAspectRatio=\"none\">");
        byte[] thumbnail = File.ReadAllBytes(job.Folder.PathOf(TissueStep.ThumbnailName));
        svg.Append(CultureInfo.InvariantCulture, $"<image x=\"0\" y=\"0\" width=\"{level0.Width}\" height=\"{level0.Height}\" preserveAspectRatio=\"none\" opacity=\"0.4\" xlink:href=\"{ReportPage.DataUri("image/jpeg", thumbnail)}\"/>\n");
        svg.Append(overlay);
        ReportDrawing.ScaleBar(svg, level0.Width, level0.Height, job.PixelSize);
        svg.Append(CultureInfo.InvariantCulture, $"</svg>\n<g transform=\"translate(12 {height + 72:0.##}) scale(1.7)\" font-size=\"12\" fill=\"#33303a\">{legend}</g></svg>");
        return ImageFile.DrawSvg(svg.ToString(), title);
    }

    private static string Text(double value) => value.ToString("0.#", CultureInfo.InvariantCulture);
}
