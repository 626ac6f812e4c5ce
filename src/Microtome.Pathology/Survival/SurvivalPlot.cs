using System.Globalization;
using System.Text;

namespace Microtome.Pathology;

/// <summary>Survival curves with their 95 % bands, ticks where subjects are censored, and the numbers at risk below, as SVG.</summary>
public static class SurvivalPlot
{
    private const double Left = 64, Top = 26, PlotWidth = 620, PlotHeight = 330, Width = 720, RiskLine = 19;

    private static readonly string[] Colours = ["#2166ac", "#b2182b", "#4d9221", "#8c510a", "#762a83", "#e08214", "#35978f", "#666666"];

    /// <summary>Draws the curves of a study.</summary>
    public static string Draw(SurvivalStudy study, string timeUnit)
    {
        double end = study.Groups.Max(static g => g.Curve.Steps[^1].Time);
        if (end <= 0)
            end = 1;
        double step = Axis.Step(end, 6), riskTop = Top + PlotHeight + 74, height = riskTop + (RiskLine * study.Groups.Count) + 8;
        var svg = new StringBuilder();
        svg.Append(CultureInfo.InvariantCulture, $"<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {Width} {height}\" width=\"{Width}\" height=\"{height}\" font-family=\"system-ui, 'DejaVu Sans', sans-serif\" font-size=\"13\" role=\"img\" aria-label=\"Kaplan-Meier curves\">\n");
        svg.Append("<rect width=\"100%\" height=\"100%\" fill=\"#ffffff\"/>\n");
        Axes(svg, end, step, timeUnit);
        for (int g = 0; g < study.Groups.Count; g++)
            Band(svg, study.Groups[g].Curve, end, Colour(g));
        for (int g = 0; g < study.Groups.Count; g++)
            Curve(svg, study.Groups[g].Curve, end, Colour(g));
        Legend(svg, study);
        RiskTable(svg, study, end, step, riskTop);
        return svg.Append("</svg>\n").ToString();
    }

    private static string Colour(int group) => Colours[group % Colours.Length];

    private static string X(double time, double end) => (Left + (time / end * PlotWidth)).ToString("0.##", CultureInfo.InvariantCulture);

    private static string Y(double survival) => (Top + ((1 - survival) * PlotHeight)).ToString("0.##", CultureInfo.InvariantCulture);

    private static void Axes(StringBuilder svg, double end, double step, string timeUnit)
    {
        for (int k = 0; k <= 5; k++)
        {
            double s = k / 5.0;
            svg.Append(CultureInfo.InvariantCulture, $"<line x1=\"{Left}\" x2=\"{Left + PlotWidth}\" y1=\"{Y(s)}\" y2=\"{Y(s)}\" stroke=\"#e3e3e3\"/>");
            svg.Append(CultureInfo.InvariantCulture, $"<text x=\"{Left - 8}\" y=\"{Y(s)}\" dy=\"4\" text-anchor=\"end\" fill=\"#444\">{s * 100:0} %</text>\n");
        }

        for (double t = 0; t <= end * 1.0001; t += step)
        {
            svg.Append(CultureInfo.InvariantCulture, $"<line x1=\"{X(t, end)}\" x2=\"{X(t, end)}\" y1=\"{Top + PlotHeight}\" y2=\"{Top + PlotHeight + 5}\" stroke=\"#444\"/>");
            svg.Append(CultureInfo.InvariantCulture, $"<text x=\"{X(t, end)}\" y=\"{Top + PlotHeight + 20}\" text-anchor=\"middle\" fill=\"#444\">{Axis.Text(t)}</text>\n");
        }

        svg.Append(CultureInfo.InvariantCulture, $"<path d=\"M{Left} {Top}V{Top + PlotHeight}H{Left + PlotWidth}\" fill=\"none\" stroke=\"#444\"/>\n");
        svg.Append(CultureInfo.InvariantCulture, $"<text x=\"{Left + (PlotWidth / 2)}\" y=\"{Top + PlotHeight + 40}\" text-anchor=\"middle\" fill=\"#222\">time, {ReportPage.Escape(timeUnit)}</text>\n");
        svg.Append(CultureInfo.InvariantCulture, $"<text x=\"{Left}\" y=\"16\" fill=\"#222\">survival</text>\n");
    }

    private static void Band(StringBuilder svg, KaplanMeier curve, double end, string colour)
    {
        var (upper, lower) = (new StringBuilder(), new List<string>());
        upper.Append($"M{X(0, end)} {Y(1)}");
        lower.Add($"{X(0, end)} {Y(1)}");
        double previous = 1;
        foreach (var step in curve.Steps)
        {
            if (double.IsNaN(step.Lower))
            {
                // Nobody survived: no interval from here on.
                upper.Append($"H{X(step.Time, end)}");
                lower.Add($"{X(step.Time, end)} {Y(previous)}");
                break;
            }

            upper.Append($"H{X(step.Time, end)}V{Y(step.Upper)}");
            lower.Add($"{X(step.Time, end)} {Y(previous)}");
            lower.Add($"{X(step.Time, end)} {Y(step.Lower)}");
            previous = step.Lower;
        }

        lower.Reverse();
        svg.Append($"<path d=\"{upper}L{string.Join('L', lower)}Z\" fill=\"{colour}\" fill-opacity=\"0.13\"/>\n");
    }

    private static void Curve(StringBuilder svg, KaplanMeier curve, double end, string colour)
    {
        var (path, ticks) = (new StringBuilder($"M{X(0, end)} {Y(1)}"), new StringBuilder());
        foreach (var step in curve.Steps)
        {
            path.Append($"H{X(step.Time, end)}");
            if (step.Events > 0)
                path.Append($"V{Y(step.Survival)}");
            if (step.Censored > 0)
                ticks.Append($"M{X(step.Time, end)} {Y(step.Survival)}m0 -4v8");
        }

        svg.Append($"<path d=\"{path}\" fill=\"none\" stroke=\"{colour}\" stroke-width=\"2\"/>\n");
        if (ticks.Length > 0)
            svg.Append($"<path d=\"{ticks}\" fill=\"none\" stroke=\"{colour}\" stroke-width=\"1\"/>\n");
    }

    // In the lower left corner, where curves that begin at 1 seldom come.
    private static void Legend(StringBuilder svg, SurvivalStudy study)
    {
        double y = Top + PlotHeight - 14 - (RiskLine * study.Groups.Count);
        for (int g = 0; g < study.Groups.Count; g++)
        {
            var group = study.Groups[g];
            svg.Append(CultureInfo.InvariantCulture, $"<line x1=\"{Left + 12}\" x2=\"{Left + 36}\" y1=\"{y - 4}\" y2=\"{y - 4}\" stroke=\"{Colour(g)}\" stroke-width=\"3\"/>");
            svg.Append(CultureInfo.InvariantCulture, $"<text x=\"{Left + 44}\" y=\"{y}\" fill=\"#222\">{ReportPage.Escape(group.Name)}: {group.Events} events in {group.Subjects}</text>\n");
            y += RiskLine;
        }

        if (study.LogRank is { } test)
            svg.Append(CultureInfo.InvariantCulture, $"<text x=\"{Left + 12}\" y=\"{y}\" fill=\"#222\">log-rank p = {SurvivalPage.P(test.P)}</text>\n");
    }

    private static void RiskTable(StringBuilder svg, SurvivalStudy study, double end, double step, double top)
    {
        svg.Append(CultureInfo.InvariantCulture, $"<text x=\"8\" y=\"{top - 14}\" fill=\"#222\">at risk</text>\n");
        for (int g = 0; g < study.Groups.Count; g++)
        {
            double y = top + (RiskLine * g) + 6;
            string name = study.Groups[g].Name;
            svg.Append(CultureInfo.InvariantCulture, $"<text x=\"8\" y=\"{y}\" fill=\"{Colour(g)}\">{ReportPage.Escape(name.Length > 6 ? name[..6] : name)}</text>");
            for (double t = 0; t <= end * 1.0001; t += step)
                svg.Append(CultureInfo.InvariantCulture, $"<text x=\"{X(t, end)}\" y=\"{y}\" text-anchor=\"middle\" fill=\"#444\">{study.Groups[g].Curve.AtRisk(t)}</text>");
            svg.Append('\n');
        }
    }
}
