using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;

namespace Microtome.Pathology;

/// <summary>A survival study for people (one page of HTML that needs nothing else) and for programs.</summary>
public static class SurvivalPage
{
    /// <summary>The page.</summary>
    public static string Render(SurvivalStudy study, string title, string curves, string hazards)
    {
        var page = new StringBuilder(1 << 16);
        page.Append("<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<meta name=\"generator\" content=\"Microtome\">\n");
        page.Append($"<title>{ReportPage.Escape(title)} - Microtome</title>\n<style>\n{ReportPage.Style()}th {{ text-align: right; color: var(--soft); font-weight: 500; font-size: 13px; padding: 0 10px 6px 0; }} th:first-child {{ text-align: left; }}\n</style>\n</head>\n<body>\n<main>\n");
        page.Append($"<header>\n<p class=\"kicker\">Microtome survival</p>\n<h1>{ReportPage.Escape(title)}</h1>\n<p>Groups: {ReportPage.Escape(study.GroupName)}</p>\n</header>\n<div class=\"figures\">\n");
        Figure(page, "subjects", study.Subjects.ToString(CultureInfo.InvariantCulture), $"{study.Events} events");
        if (study.LogRank is { } test)
            Figure(page, "log-rank p", P(test.P), string.Create(CultureInfo.InvariantCulture, $"chi-square {test.Statistic:0.00} on {test.DegreesOfFreedom:0}"));
        foreach (var model in study.Models.Where(static m => m.Fit is { Coefficients.Count: 1 }).Take(2))
            Figure(page, $"hazard ratio, {(model == study.Models[0] ? "groups" : model.Name)}", Ratio(model.Fit!.Coefficients[0].HazardRatio), Interval(model.Fit.Coefficients[0]));
        page.Append("</div>\n");
        if (study.Notes.Count > 0)
        {
            page.Append("<div class=\"card warnings\"><h3>Before you rely on it</h3><ul>\n");
            foreach (string note in study.Notes)
                page.Append($"<li>{ReportPage.Escape(note)}</li>\n");
            page.Append("</ul></div>\n");
        }

        page.Append("<h2>Survival of the groups</h2>\n<div class=\"card\">\n").Append(curves).Append("<table class=\"wide\">\n<tr><th>group</th><th>subjects</th><th>events</th><th>expected</th><th>median survival</th></tr>\n");
        foreach (var group in study.Groups)
            Row(page, group.Name, $"{group.Subjects}", $"{group.Events}", $"{group.Expected:0.0}", group.Curve.Median is { } median ? Axis.Text(median, 5) : "not reached");
        page.Append("</table></div>\n<h2>Cox regression</h2>\n<div class=\"card\">\n").Append(hazards).Append("</div>\n");
        foreach (var model in study.Models.Where(static m => m.Fit is not null))
            Model(page, model.Name, model.Fit!);
        if (study.Factors.Count > 0)
        {
            page.Append("<h2>What goes with infiltration</h2>\n<div class=\"card\"><table>\n<tr><th>factor</th><th>against groups, chi-square p</th><th>score, Kruskal-Wallis p</th><th>score, ANOVA p</th></tr>\n");
            foreach (var factor in study.Factors)
                Row(page, factor.Name, Test(factor.Groups), Test(factor.Ranks), Test(factor.Means));
            page.Append("</table></div>\n");
        }

        page.Append("<footer>Bands and intervals are 95 %. A class at the cohort's mean depends on the cohort. Not corrected for testing several models. For research, not for diagnosis.</footer>\n</main>\n</body>\n</html>\n");
        return page.ToString();
    }

    /// <summary>The numbers as <c>survival.json</c> holds them.</summary>
    public static JsonObject ToJson(SurvivalStudy study) => new()
    {
        ["subjects"] = study.Subjects,
        ["events"] = study.Events,
        ["groups_from"] = study.GroupName,
        ["groups"] = new JsonArray([.. study.Groups.Select(static g => (JsonNode)new JsonObject
        {
            ["name"] = g.Name,
            ["subjects"] = g.Subjects,
            ["events"] = g.Events,
            ["expected_events"] = g.Expected,
            ["median_survival"] = g.Curve.Median,
        })]),
        ["log_rank"] = Json(study.LogRank),
        ["models"] = new JsonArray([.. study.Models.Select(static m => (JsonNode)Json(m))]),
        ["factors"] = new JsonArray([.. study.Factors.Select(static f => (JsonNode)new JsonObject
        {
            ["name"] = f.Name,
            ["groups_chi_square"] = Json(f.Groups),
            ["score_kruskal_wallis"] = Json(f.Ranks),
            ["score_anova"] = Json(f.Means),
        })]),
        ["notes"] = new JsonArray([.. study.Notes.Select(static n => (JsonNode)n)]),
    };

    /// <summary>A p value for people.</summary>
    public static string P(double p) => p switch
    {
        < 0.0001 => "< 0.0001",
        < 0.001 => p.ToString("0.0000", CultureInfo.InvariantCulture),
        _ => p.ToString("0.000", CultureInfo.InvariantCulture),
    };

    /// <summary>A hazard ratio for people.</summary>
    public static string Ratio(double ratio) => ratio is > 0.001 and < 1000 ? ratio.ToString("0.000", CultureInfo.InvariantCulture) : ratio.ToString("0.##E+0", CultureInfo.InvariantCulture);

    /// <summary>Its interval for people.</summary>
    public static string Interval(CoxCoefficient c) => $"{Ratio(c.Lower)} to {Ratio(c.Upper)}";

    private static string Test(TestResult? test) => test is { } t ? P(t.P) : "-";

    private static void Figure(StringBuilder page, string name, string value, string note) =>
        page.Append($"<div class=\"card figure\"><div class=\"name\">{ReportPage.Escape(name)}</div><div class=\"value\">{ReportPage.Escape(value)}</div><div class=\"note\">{ReportPage.Escape(note)}</div></div>\n");

    private static void Row(StringBuilder page, string name, params ReadOnlySpan<string> cells)
    {
        page.Append($"<tr><td>{ReportPage.Escape(name)}</td>");
        foreach (string cell in cells)
            page.Append($"<td class=\"number\">{ReportPage.Escape(cell)}</td>");
        page.Append("</tr>\n");
    }

    private static void Model(StringBuilder page, string name, CoxRegression fit)
    {
        page.Append($"<div class=\"card\" style=\"margin-top:14px\"><h3>{ReportPage.Escape(name)}</h3>\n<table>\n<tr><th>covariate</th><th>hazard ratio</th><th>95 % interval</th><th>p</th></tr>\n");
        foreach (var c in fit.Coefficients)
            Row(page, c.Name, Ratio(c.HazardRatio), Interval(c), P(c.P));
        string concordance = fit.Concordance is { } value ? string.Create(CultureInfo.InvariantCulture, $", concordance {value:0.000}") : string.Empty;
        page.Append(CultureInfo.InvariantCulture, $"</table>\n<p class=\"group\">{fit.Subjects} subjects, {fit.Events} events{concordance}; likelihood ratio {fit.LikelihoodRatio.Statistic:0.00} on {fit.LikelihoodRatio.DegreesOfFreedom:0}, p {P(fit.LikelihoodRatio.P)}</p></div>\n");
    }

    private static JsonNode? Json(TestResult? test) => test is { } t && double.IsFinite(t.Statistic)
        ? new JsonObject { ["statistic"] = t.Statistic, ["degrees_of_freedom"] = t.DegreesOfFreedom, ["p"] = t.P }
        : null;

    private static JsonObject Json(SurvivalModel model) => model.Fit is not { } fit
        ? new JsonObject { ["name"] = model.Name, ["problem"] = model.Problem }
        : new JsonObject
        {
            ["name"] = model.Name,
            ["subjects"] = fit.Subjects,
            ["events"] = fit.Events,
            ["concordance"] = fit.Concordance,
            ["log_likelihood"] = fit.LogLikelihood,
            ["null_log_likelihood"] = fit.NullLogLikelihood,
            ["likelihood_ratio"] = Json(fit.LikelihoodRatio),
            ["wald"] = Json(fit.Wald),
            ["score"] = Json(fit.Score),
            ["coefficients"] = new JsonArray([.. fit.Coefficients.Select(static c => (JsonNode)new JsonObject
            {
                ["name"] = c.Name,
                ["beta"] = c.Beta,
                ["standard_error"] = Finite(c.StandardError),
                ["hazard_ratio"] = Finite(c.HazardRatio),
                ["lower_95"] = Finite(c.Lower),
                ["upper_95"] = Finite(c.Upper),
                ["z"] = c.Z,
                ["p"] = c.P,
            })]),
        };

    private static double? Finite(double value) => double.IsFinite(value) ? value : null;
}
