using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json.Nodes;

namespace Microtome.Cli;

/// <summary>What an experiment gave: a table with intervals, and for each expectation whether it came out.</summary>
internal sealed record ExperimentResult
{
    /// <summary>Data, seeds and what the intervals are.</summary>
    public required string Setting { get; init; }

    /// <summary>The names of the columns.</summary>
    public required IReadOnlyList<string> Columns { get; init; }

    /// <summary>The table.</summary>
    public required IReadOnlyList<ExperimentRow> Rows { get; init; }

    /// <summary>What was expected and whether it held. A null result is shown as one.</summary>
    public required IReadOnlyList<(string Expectation, bool Held)> Findings { get; init; }

    /// <summary>Further pictures: file name and SVG.</summary>
    public IReadOnlyList<(string Name, string Svg)> Pictures { get; init; } = [];

    /// <summary>The table and the findings as Markdown.</summary>
    public string ToMarkdown(string title)
    {
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"# {title}\n\n{Setting}\n\n| variant |");
        foreach (var column in Columns)
            text.Append(CultureInfo.InvariantCulture, $" {column} |");
        text.Append("\n|---|").Insert(text.Length, "---|", Columns.Count).Append('\n');
        foreach (var row in Rows)
        {
            text.Append(CultureInfo.InvariantCulture, $"| {row.Name} |");
            foreach (var (mean, half) in row.Values)
                text.Append(double.IsNaN(mean) ? " - |" : FormattableString.Invariant($" {mean:0.000}{(double.IsNaN(half) ? string.Empty : FormattableString.Invariant($" ± {half:0.000}"))} |"));
            text.Append('\n');
        }

        text.Append('\n');
        foreach (var (expectation, held) in Findings)
            text.Append(CultureInfo.InvariantCulture, $"- {(held ? "came out" : "DID NOT COME OUT")}: {expectation}\n");
        return text.ToString();
    }

    /// <summary>As <c>result.json</c> holds it.</summary>
    public JsonObject ToJson(string name) => new()
    {
        ["experiment"] = name,
        ["setting"] = Setting,
        ["rows"] = new JsonArray([.. Rows.Select(row =>
        {
            var item = new JsonObject { ["variant"] = row.Name };
            for (var i = 0; i < Columns.Count; i++)
            {
                if (!double.IsNaN(row.Values[i].Mean))
                    item[Columns[i]] = new JsonObject { ["mean"] = row.Values[i].Mean, ["half_width_95"] = double.IsNaN(row.Values[i].HalfWidth) ? null : row.Values[i].HalfWidth };
            }

            return (JsonNode)item;
        })]),
        ["findings"] = new JsonArray([.. Findings.Select(static f => (JsonNode)new JsonObject { ["expectation"] = f.Expectation, ["held"] = f.Held })]),
    };

    /// <summary>A bar for each value with its interval, columns side by side.</summary>
    public string ToSvg()
    {
        const int panel = 220, line = 24, top = 34;
        var label = Math.Max(240, 16 + (7 * Rows.Max(static r => r.Name.Length)));
        var height = top + (line * Rows.Count) + 8;
        var svg = new StringBuilder();
        svg.Append(CultureInfo.InvariantCulture, $"<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{label + (panel * Columns.Count)}\" height=\"{height}\" font-family=\"sans-serif\" font-size=\"12\">\n");
        svg.Append("<rect width=\"100%\" height=\"100%\" fill=\"#fff\"/>\n");
        for (var c = 0; c < Columns.Count; c++)
            svg.Append(CultureInfo.InvariantCulture, $"<text x=\"{label + (panel * c)}\" y=\"20\" font-weight=\"bold\">{WebUtility.HtmlEncode(Columns[c])}</text>\n");
        for (var r = 0; r < Rows.Count; r++)
        {
            var y = top + (line * r);
            svg.Append(CultureInfo.InvariantCulture, $"<text x=\"8\" y=\"{y + 14}\">{WebUtility.HtmlEncode(Rows[r].Name)}</text>\n");
            for (var c = 0; c < Columns.Count; c++)
            {
                var (mean, half) = Rows[r].Values[c];
                if (double.IsNaN(mean))
                    continue;
                double x = label + (panel * c), scale = panel - 60;
                svg.Append(CultureInfo.InvariantCulture, $"<rect x=\"{x:0.#}\" y=\"{y + 3}\" width=\"{Math.Clamp(mean, 0, 1) * scale:0.#}\" height=\"14\" fill=\"#7a9cc6\"/>");
                if (!double.IsNaN(half))
                    svg.Append(CultureInfo.InvariantCulture, $"<line x1=\"{x + (Math.Clamp(mean - half, 0, 1) * scale):0.#}\" x2=\"{x + (Math.Clamp(mean + half, 0, 1) * scale):0.#}\" y1=\"{y + 10}\" y2=\"{y + 10}\" stroke=\"#222\" stroke-width=\"2\"/>");
                svg.Append(CultureInfo.InvariantCulture, $"<text x=\"{x + scale + 6:0.#}\" y=\"{y + 14}\">{mean:0.000}</text>\n");
            }
        }

        return svg.Append("</svg>\n").ToString();
    }
}
