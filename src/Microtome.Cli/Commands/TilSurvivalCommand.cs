using System.CommandLine;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microtome.Imaging;
using Microtome.Pathology;

namespace Microtome.Cli.Commands;

/// <summary><c>til survival</c>: survival of a cohort by infiltration.</summary>
internal static class TilSurvivalCommand
{
    public static Command Create()
    {
        var standard = new SurvivalStudyOptions();
        var table = new Argument<string>("TABLE") { Description = "CSV with a row a patient: time, event, infiltration, covariates ('til stats --clinical' writes it)." };
        var time = Column("--time", "Column of the times.", standard.TimeColumn);
        var happened = Column("--event", "Column of the events: 1 = it happened, 0 = censored.", standard.EventColumn);
        var score = Column("--score", "Column of the infiltration; 'none' to study --group alone.", standard.ScoreColumn!);
        var group = new Option<string?>("--group") { Description = "Column of the groups to compare (default: Low and High, at the mean of the score).", HelpName = "COLUMN" };
        var covariates = new Option<string[]>("--covariate") { Description = "A further covariate, number or factor; may be repeated.", HelpName = "COLUMN", AllowMultipleArgumentsPerToken = false };
        var patient = new Option<string?>("--patient") { Description = "Column that names the patient: the first complete row of each is kept (default: every row is a patient).", HelpName = "COLUMN" };
        var ties = new Option<string>("--ties") { Description = "Events at the same time: efron or breslow.", HelpName = "NAME", DefaultValueFactory = static _ => "efron" };
        ties.Validators.Add(static result =>
        {
            if (result.Tokens.Count > 0 && result.Tokens[0].Value is not ("efron" or "breslow"))
                result.AddError($"--ties '{result.Tokens[0].Value}': use efron or breslow.");
        });
        var unit = new Option<string>("--unit") { Description = "Unit of the times, for the axis.", HelpName = "TEXT", DefaultValueFactory = _ => standard.TimeUnit };
        var command = new Command("survival", "Kaplan-Meier, log-rank and Cox regression of a cohort (-o DIR): survival.html, kaplan-meier.svg, hazard-ratios.svg, survival.json.") { table, time, happened, score, group, covariates, patient, ties, unit };
        command.SetAction((parsed, _) => Task.Run(() => Run(CommonSettings.From(parsed), parsed.GetValue(table)!, new SurvivalStudyOptions
        {
            TimeColumn = parsed.GetValue(time)!,
            EventColumn = parsed.GetValue(happened)!,
            ScoreColumn = parsed.GetValue(score) is "none" ? null : parsed.GetValue(score),
            GroupColumn = parsed.GetValue(group),
            Covariates = parsed.GetValue(covariates) ?? [],
            PatientColumn = parsed.GetValue(patient),
            Ties = parsed.GetValue(ties) == "breslow" ? TieHandling.Breslow : TieHandling.Efron,
            TimeUnit = parsed.GetValue(unit)!,
        })));
        return command;
    }

    private static Option<string> Column(string name, string description, string standard) =>
        new(name) { Description = description, HelpName = "COLUMN", DefaultValueFactory = _ => standard };

    private static int Run(CommonSettings settings, string path, SurvivalStudyOptions options)
    {
        var study = SurvivalStudy.Run(CsvTable.Read(path), options);
        var json = SurvivalPage.ToJson(study);
        if (settings.Output is { } folder)
        {
            string plot = SurvivalPlot.Draw(study, options.TimeUnit);
            string hazards = HazardPlot.Draw(study);
            AtomicFile.WriteAllText(Path.Combine(folder, "kaplan-meier.svg"), plot);
            AtomicFile.WriteAllText(Path.Combine(folder, "hazard-ratios.svg"), hazards);
            AtomicFile.WriteAllText(Path.Combine(folder, "survival.json"), json.ToJsonString(new JsonSerializerOptions { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }) + "\n");
            AtomicFile.WriteAllText(Path.Combine(folder, "survival.html"), SurvivalPage.Render(study, Path.GetFileName(path), plot, hazards));
        }

        if (settings.Json)
        {
            Answer.Json(json);
            return ExitCode.Done;
        }

        Answer.Line($"{Path.GetFileName(path)}: {study.Subjects} subjects, {study.Events} events; groups: {study.GroupName}");
        foreach (var group in study.Groups)
            Answer.Line($"  {group.Name,-12} {group.Subjects,6} subjects {group.Events,5} events, {group.Expected:0.0} expected, median {(group.Curve.Median is { } median ? $"{median:0.##} {options.TimeUnit}" : "not reached")}");
        if (study.LogRank is { } test)
            Answer.Line($"  log-rank chi-square {test.Statistic:0.00} on {test.DegreesOfFreedom:0}, p {SurvivalPage.P(test.P)}");
        foreach (var model in study.Models.Where(static m => m.Fit is not null))
        {
            Answer.Line($"Cox, {model.Name}: {model.Fit!.Subjects} subjects, {model.Fit.Events} events, concordance {model.Fit.Concordance:0.000}, likelihood ratio p {SurvivalPage.P(model.Fit.LikelihoodRatio.P)}");
            foreach (var c in model.Fit.Coefficients)
                Answer.Line($"  {c.Name}: hazard ratio {SurvivalPage.Ratio(c.HazardRatio)} ({SurvivalPage.Interval(c)}), p {SurvivalPage.P(c.P)}");
        }

        foreach (string note in study.Notes)
            Answer.Line($"note: {note}");
        if (settings.Output is not null)
            Answer.Line($"{settings.Output}: survival.html, kaplan-meier.svg, hazard-ratios.svg, survival.json");
        return ExitCode.Done;
    }
}
