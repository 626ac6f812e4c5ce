using System.Globalization;
using System.Text;

namespace Microtome.Pathology;

/// <summary>The hazard ratios of Cox models with their 95 % intervals on a logarithmic axis, as SVG.</summary>
public static class HazardPlot
{
    private const double NameWidth = 330, PlotWidth = 330, NumberWidth = 190, Line = 24, Top = 30;

    // Ratios beyond these are drawn at the edge.
    private const double Least = 0.02, Most = 50;

    /// <summary>Draws every model of a study that could be fitted.</summary>
    public static string Draw(SurvivalStudy study)
    {
        var models = study.Models.Where(static m => m.Fit is not null).ToArray();
        var all = models.SelectMany(static m => m.Fit!.Coefficients).ToArray();
        double low = Math.Clamp(all.Select(static c => c.Lower).Append(0.5).Min(), Least, 0.5), high = Math.Clamp(all.Select(static c => c.Upper).Append(2).Max(), 2, Most);
        double width = NameWidth + PlotWidth + NumberWidth, bottom = Top + (Line * (models.Length + all.Length)) + 6;
        var svg = new StringBuilder();
        svg.Append(CultureInfo.InvariantCulture, $"<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {bottom + 46}\" width=\"{width}\" height=\"{bottom + 46}\" font-family=\"system-ui, 'DejaVu Sans', sans-serif\" font-size=\"13\" role=\"img\" aria-label=\"Hazard ratios\">\n");
        svg.Append("<rect width=\"100%\" height=\"100%\" fill=\"#ffffff\"/>\n");
        string X(double ratio) => (NameWidth + (Math.Log(Math.Clamp(ratio, low, high) / low) / Math.Log(high / low) * PlotWidth)).ToString("0.##", CultureInfo.InvariantCulture);
        foreach (double tick in (double[])[0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50])
        {
            if (tick < low * 0.999 || tick > high * 1.001)
                continue;
            svg.Append(CultureInfo.InvariantCulture, $"<line x1=\"{X(tick)}\" x2=\"{X(tick)}\" y1=\"{Top - 8}\" y2=\"{bottom}\" stroke=\"{(tick == 1 ? "#444" : "#e3e3e3")}\"/><text x=\"{X(tick)}\" y=\"{bottom + 18}\" text-anchor=\"middle\" fill=\"#444\">{tick}</text>\n");
        }

        svg.Append(CultureInfo.InvariantCulture, $"<text x=\"{NameWidth + (PlotWidth / 2)}\" y=\"{bottom + 38}\" text-anchor=\"middle\" fill=\"#222\">hazard ratio</text>\n");
        double y = Top + 10;
        foreach (var model in models)
        {
            svg.Append(CultureInfo.InvariantCulture, $"<text x=\"8\" y=\"{y}\" font-weight=\"bold\" fill=\"#222\">{ReportPage.Escape(Short(model.Name))}</text>\n");
            y += Line;
            foreach (var c in model.Fit!.Coefficients)
            {
                svg.Append(CultureInfo.InvariantCulture, $"<text x=\"20\" y=\"{y}\" fill=\"#222\">{ReportPage.Escape(Short(c.Name))}</text>");
                svg.Append(CultureInfo.InvariantCulture, $"<line x1=\"{X(c.Lower)}\" x2=\"{X(c.Upper)}\" y1=\"{y - 4}\" y2=\"{y - 4}\" stroke=\"#2166ac\" stroke-width=\"2\"/><circle cx=\"{X(c.HazardRatio)}\" cy=\"{y - 4}\" r=\"4\" fill=\"#2166ac\"/>");
                svg.Append(CultureInfo.InvariantCulture, $"<text x=\"{NameWidth + PlotWidth + 16}\" y=\"{y}\" fill=\"#222\">{SurvivalPage.Ratio(c.HazardRatio)} ({SurvivalPage.Interval(c)})</text>\n");
                y += Line;
            }
        }

        return svg.Append("</svg>\n").ToString();
    }

    private static string Short(string name) => name.Length <= 46 ? name : $"{name[..45]}…";
}
