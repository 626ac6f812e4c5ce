namespace Microtome.Pathology.Tests;

public class CoxRegressionTests
{
    // coxph on Freireich's data: Efron 1.5721 (0.4124), hazard ratio 4.817 (2.147, 10.81), LR 16.35, Wald 14.53, score 17.25, concordance 0.69; Breslow 1.5092 (0.4096), LR 15.21.
    [Fact]
    public void Fit_OfFreireichsData_GivesThePublishedNumbers()
    {
        var (data, placebo) = Textbook.Freireich;
        double[] x = [.. placebo.Select(static p => (double)p)];

        var efron = CoxRegression.Fit(data, ["placebo"], [x]);
        var c = efron.Coefficients[0];
        Assert.Equal(1.5721, c.Beta, 0.00005);
        Assert.Equal(0.4124, c.StandardError, 0.00005);
        Assert.Equal(4.817, c.HazardRatio, 0.0005);
        Assert.Equal(2.147, c.Lower, 0.0005);
        Assert.Equal(10.81, c.Upper, 0.005);
        Assert.Equal(0.000138, c.P, 0.0000005);
        Assert.Equal(16.35, efron.LikelihoodRatio.Statistic, 0.005);
        Assert.Equal(14.53, efron.Wald.Statistic, 0.005);
        Assert.Equal(17.25, efron.Score.Statistic, 0.005);
        Assert.Equal(0.69, efron.Concordance!.Value, 0.0005);

        var breslow = CoxRegression.Fit(data, ["placebo"], [x], TieHandling.Breslow);
        Assert.Equal(1.5092, breslow.Coefficients[0].Beta, 0.00005);
        Assert.Equal(0.4096, breslow.Coefficients[0].StandardError, 0.00005);
        Assert.Equal(15.21, breslow.LikelihoodRatio.Statistic, 0.005);
    }

    // coxph(Surv(time, status) ~ x, aml): 0.9155 (0.5119), z 1.79, p 0.0737, LR 3.38.
    [Fact]
    public void Fit_OfAml_GivesWhatCoxphPrints()
    {
        var (data, notMaintained) = Textbook.Aml;

        var fit = CoxRegression.Fit(data, ["x"], [[.. notMaintained.Select(static n => (double)n)]]);

        Assert.Equal(0.9155, fit.Coefficients[0].Beta, 0.00005);
        Assert.Equal(0.5119, fit.Coefficients[0].StandardError, 0.00005);
        Assert.Equal(0.0737, fit.Coefficients[0].P, 0.00005);
        Assert.Equal(3.38, fit.LikelihoodRatio.Statistic, 0.005);
    }

    // coxph(Surv(futime, fustat) ~ age + rx, ovarian): 0.14733 (0.04615), -0.80397 (0.63205), LR 15.89 on 2.
    [Fact]
    public void Fit_OfOvarian_WithTwoCovariates_GivesWhatCoxphPrints()
    {
        var (data, age, treatment) = Textbook.Ovarian;

        var fit = CoxRegression.Fit(data, ["age", "rx"], [age, treatment]);

        Assert.Equal(0.14733, fit.Coefficients[0].Beta, 0.000005);
        Assert.Equal(0.04615, fit.Coefficients[0].StandardError, 0.000005);
        Assert.Equal(-0.80397, fit.Coefficients[1].Beta, 0.000005);
        Assert.Equal(0.63205, fit.Coefficients[1].StandardError, 0.000005);
        Assert.Equal(15.89, fit.LikelihoodRatio.Statistic, 0.005);
        Assert.Equal(2, fit.LikelihoodRatio.DegreesOfFreedom);
    }

    // Independent: the likelihood written down risk set by risk set from its definition; at the maximum no step in any direction raises it.
    [Theory]
    [InlineData(TieHandling.Efron)]
    [InlineData(TieHandling.Breslow)]
    public void Fit_OfRandomTiedData_IsTheMaximumOfTheLikelihoodByDefinition(TieHandling ties)
    {
        var random = new Random(4);
        for (int round = 0; round < 20; round++)
        {
            int n = 30 + random.Next(40);
            double[][] x = [[.. Enumerable.Range(0, n).Select(_ => random.NextDouble() * 100)], [.. Enumerable.Range(0, n).Select(_ => (double)random.Next(2))]];
            var data = new SurvivalData([.. Enumerable.Range(0, n).Select(_ => (double)random.Next(1, 12))], [.. Enumerable.Range(0, n).Select(_ => random.Next(3) > 0)]);

            var fit = CoxRegression.Fit(data, ["a", "b"], x, ties);

            double[] beta = [.. fit.Coefficients.Select(static c => c.Beta)];
            double best = Definition(data, x, beta, ties);
            Assert.Equal(best, fit.LogLikelihood, 1e-8);
            Assert.Equal(Definition(data, x, [0, 0], ties), fit.NullLogLikelihood, 1e-8);
            for (int j = 0; j < 2; j++)
            {
                foreach (double step in (double[])[-0.01, 0.01])
                {
                    double[] moved = [.. beta];
                    moved[j] += step * fit.Coefficients[j].StandardError;
                    Assert.True(Definition(data, x, moved, ties) < best);
                }
            }
        }
    }

    [Fact]
    public void Concordance_EqualsThePairsCountedOneByOne()
    {
        var random = new Random(9);
        for (int round = 0; round < 50; round++)
        {
            int n = 5 + random.Next(40);
            var data = new SurvivalData([.. Enumerable.Range(0, n).Select(_ => (double)random.Next(1, 8))], [.. Enumerable.Range(0, n).Select(_ => random.Next(2) > 0)]);
            double[] risk = [.. Enumerable.Range(0, n).Select(_ => (double)random.Next(5))];
            double score = 0, pairs = 0;
            for (int i = 0; i < n; i++)
            {
                for (int j = 0; j < n; j++)
                {
                    if (!data.Events[i] || !(data.Times[j] > data.Times[i] || (data.Times[j] == data.Times[i] && !data.Events[j])))
                        continue;
                    pairs++;
                    score += risk[i] > risk[j] ? 1 : risk[i] == risk[j] ? 0.5 : 0;
                }
            }

            double? found = SurvivalConcordance.Of(data, risk);

            Assert.Equal(pairs == 0 ? null : score / pairs, found);
        }
    }

    [Fact]
    public void Fit_OfASeparatingCovariate_SaysThatItHasNoEstimate()
    {
        // Everybody with x = 1 has the event first.
        var data = new SurvivalData([1, 2, 3, 4, 10, 11, 12, 13], [true, true, true, true, false, false, false, false]);

        var fit = CoxRegression.Fit(data, ["x"], [[1, 1, 1, 1, 0, 0, 0, 0]]);

        Assert.Contains("no finite estimate", Assert.Single(fit.Warnings), StringComparison.Ordinal);
    }

    [Fact]
    public void Fit_OfWhatCannotBeFitted_NamesTheCovariate()
    {
        var data = new SurvivalData([1, 2, 3, 4, 5], [true, false, true, true, false]);

        Assert.Contains("'constant'", Assert.Throws<SurvivalException>(() => CoxRegression.Fit(data, ["constant"], [[7, 7, 7, 7, 7]])).Message, StringComparison.Ordinal);
        Assert.Contains("'twice'", Assert.Throws<SurvivalException>(() => CoxRegression.Fit(data, ["once", "twice"], [[1, 5, 2, 4, 3], [2, 10, 4, 8, 6]])).Message, StringComparison.Ordinal);
        Assert.Contains("None of the 2", Assert.Throws<SurvivalException>(() => CoxRegression.Fit(new SurvivalData([1, 2], [false, false]), ["x"], [[1, 2]])).Message, StringComparison.Ordinal);
    }

    private static double Definition(SurvivalData data, double[][] x, double[] beta, TieHandling ties)
    {
        double Eta(int i) => (beta[0] * x[0][i]) + (beta[1] * x[1][i]);
        double sum = 0;
        foreach (double time in data.Times.Distinct())
        {
            int[] dead = [.. Enumerable.Range(0, data.Count).Where(i => data.Times[i] == time && data.Events[i])];
            double atRisk = Enumerable.Range(0, data.Count).Where(i => data.Times[i] >= time).Sum(i => Math.Exp(Eta(i))), tied = dead.Sum(i => Math.Exp(Eta(i)));
            for (int k = 0; k < dead.Length; k++)
                sum += Eta(dead[k]) - Math.Log(atRisk - (ties == TieHandling.Efron ? (double)k / dead.Length * tied : 0));
        }

        return sum;
    }
}
