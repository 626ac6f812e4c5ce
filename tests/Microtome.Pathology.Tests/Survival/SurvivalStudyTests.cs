using Microtome.Imaging;

namespace Microtome.Pathology.Tests;

public class SurvivalStudyTests
{
    private static string Rows => string.Concat(Enumerable.Range(0, 40).Select(static i => $"P{i},{(i % 4 == 3 ? "NA" : $"0.{(i * 7) % 10}5")},{10 + ((i * 37) % 100)},{(i * 11) % 3 % 2},{"ABC"[i / 2 % 3]}\n"));

    [Fact]
    public void Run_WithMissingAndNegativeRows_CountsWhatItLeavesOut()
    {
        var table = CsvTable.Parse("t.csv", "id,percent_pos,survivalA,censorA.0yes.1no,stage\n" + Rows + "Q,0.5,NA,1,A\nR,0.5,-7,0,A\n");

        var study = SurvivalStudy.Run(table, new SurvivalStudyOptions { Covariates = ["stage"] });

        Assert.Equal(30, study.Subjects);
        Assert.Contains(study.Notes, static n => n.EndsWith("left out: 1 of 42.", StringComparison.Ordinal));
        Assert.Contains(study.Notes, static n => n.Contains("negative survivalA", StringComparison.Ordinal) && n.Contains("line 43", StringComparison.Ordinal));
        Assert.Contains(study.Notes, static n => n.EndsWith("left out: 10.", StringComparison.Ordinal));
        Assert.Equal(["Low", "High"], study.Groups.Select(static g => g.Name));
        Assert.Equal(3, study.Models.Count);
        Assert.Equal(3, study.Models[2].Fit!.Coefficients.Count);
        Assert.Single(study.Factors);
        string plot = SurvivalPlot.Draw(study, "days");
        Assert.Equal("svg", System.Xml.Linq.XDocument.Parse(plot).Root!.Name.LocalName);
        string hazards = HazardPlot.Draw(study);
        Assert.Equal("svg", System.Xml.Linq.XDocument.Parse(hazards).Root!.Name.LocalName);
        Assert.Contains(plot, SurvivalPage.Render(study, "t <1>", plot, hazards), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("P,0.5,ten,1,A\n", "'ten'")]
    [InlineData("P,0.5,10,2,A\n", "'2'")]
    [InlineData("P,high,10,1,A\n", "'high'")]
    public void Run_OnACellWithoutMeaning_NamesIt(string row, string names)
    {
        var table = CsvTable.Parse("t.csv", "id,percent_pos,survivalA,censorA.0yes.1no,stage\n" + Rows + row);

        var e = Assert.Throws<SlideException>(() => SurvivalStudy.Run(table, new SurvivalStudyOptions()));

        Assert.Contains(names, e.Message, StringComparison.Ordinal);
        Assert.Contains("line 42", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Run_WithoutAnEvent_IsExplained()
    {
        var table = CsvTable.Parse("t.csv", "percent_pos,survivalA,censorA.0yes.1no\n0.1,5,0\n0.2,6,0\n");

        Assert.Contains("nobody has the event", Assert.Throws<SurvivalException>(() => SurvivalStudy.Run(table, new SurvivalStudyOptions())).Message, StringComparison.Ordinal);
    }

    // Independent: SciPy 1.10, the likelihood by its definition and BFGS, standard errors from differences of the likelihood; kruskal, f_oneway, chi2_contingency.
    [Fact]
    public void Run_OnThePublishedCohort_GivesWhatAnotherProgramFinds()
    {
        var study = SurvivalStudy.Run(CsvTable.Read(Published.Cohort), new SurvivalStudyOptions { Covariates = ["Call"] });

        Assert.Equal((595, 83), (study.Subjects, study.Events));
        Check(study.Models[0], 5.061893, (-0.594909, 0.279595));
        Check(study.Models[1], 3.249147, (-0.228523, 0.144486));
        Check(study.Models[2], 14.456100, (-0.340861, 0.162926), (0.717035, 0.284548), (0.473892, 0.316851), (1.037944, 0.352645));
        Assert.Equal(65.690506, study.Factors[0].Groups!.Value.Statistic, 1e-6);
        Assert.Equal(58.629856, study.Factors[0].Ranks!.Value.Statistic, 1e-6);
        Assert.Equal(1.153226e-12, study.Factors[0].Ranks!.Value.P, 1e-18);
        Assert.Equal(23.854364, study.Factors[0].Means!.Value.Statistic, 1e-6);
        Assert.Equal(1.379581e-14, study.Factors[0].Means!.Value.P, 1e-19);
    }

    [Fact]
    public void Run_WithAPatientColumn_KeepsTheFirstCompleteRowOfEach()
    {
        var table = CsvTable.Parse("t.csv", "id,percent_pos,survivalA,censorA.0yes.1no\nA,NA,5,1\nA,0.2,6,1\nA,0.9,7,1\nB,0.8,8,0\nB,0.1,9,0\nC,0.3,4,1\nNA,0.4,3,0\nNA,0.5,2,0\n");

        var study = SurvivalStudy.Run(table, new SurvivalStudyOptions { PatientColumn = "id" });

        Assert.Equal([6.0, 8.0, 4.0, 3.0, 2.0], study.Groups.SelectMany(static g => g.Curve.Steps).Select(static s => s.Time).OrderBy(static t => Array.IndexOf([6.0, 8, 4, 3, 2], t)));
        Assert.Contains(study.Notes, static n => n.EndsWith("left out: 2.", StringComparison.Ordinal));
    }

    [Fact]
    public void Run_WhereNobodyWithAScoreHasTheEvent_GivesNoTest_AndSaysWhy()
    {
        var table = CsvTable.Parse("t.csv", "percent_pos,survivalA,censorA.0yes.1no\n0.1,5,0\n0.9,6,0\nNA,7,1\n");

        var study = SurvivalStudy.Run(table, new SurvivalStudyOptions());

        Assert.Null(study.LogRank);
        Assert.All(study.Models, static m => Assert.Contains("None of the 2 subjects", m.Problem, StringComparison.Ordinal));
    }

    private static void Check(SurvivalModel model, double likelihoodRatio, params (double Beta, double Error)[] lines)
    {
        Assert.Equal(likelihoodRatio, model.Fit!.LikelihoodRatio.Statistic, 1e-5);
        Assert.Equal(lines.Length, model.Fit.Coefficients.Count);
        for (int i = 0; i < lines.Length; i++)
        {
            Assert.Equal(lines[i].Beta, model.Fit.Coefficients[i].Beta, 2e-6);
            Assert.Equal(lines[i].Error, model.Fit.Coefficients[i].StandardError, 2e-6);
        }
    }

    [Fact]
    public void FactorTests_OfTextbookExamples_GiveThePublishedNumbers()
    {
        // Chi-square of the table (10 20; 30 40) without correction: 0.7937; R: chisq.test(matrix(c(10, 30, 20, 40), 2), correct = FALSE).
        int[] rows = [.. Enumerable.Repeat(0, 30), .. Enumerable.Repeat(1, 70)], columns = [.. Enumerable.Repeat(0, 10), .. Enumerable.Repeat(1, 20), .. Enumerable.Repeat(0, 30), .. Enumerable.Repeat(1, 40)];
        Assert.Equal(0.79365, FactorTests.ChiSquare(rows, columns)!.Value.Statistic, 0.00001);

        // Hollander and Wolfe 1973, mucociliary efficiency (the example of R's kruskal.test): 0.77143 on 2, p 0.68.
        double[] values = [2.9, 3.0, 2.5, 2.6, 3.2, 3.8, 2.7, 4.0, 2.4, 2.8, 3.4, 3.7, 2.2, 2.0];
        int[] levels = [0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 2];
        var test = FactorTests.KruskalWallis(values, levels)!.Value;
        Assert.Equal(0.77143, test.Statistic, 0.000005);
        Assert.Equal(0.68, test.P, 0.0005);

        // F = t squared for two groups; (1 2 3) against (2 3 7): means 2 and 4, F = 6 / 4 = 1.5.
        Assert.Equal(6 / ((2 + 14) / 4.0), FactorTests.Anova([1, 2, 3, 2, 3, 7], [0, 0, 0, 1, 1, 1])!.Value.Statistic, 1e-12);
    }
}
