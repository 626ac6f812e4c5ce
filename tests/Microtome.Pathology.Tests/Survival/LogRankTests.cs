namespace Microtome.Pathology.Tests;

public class LogRankTests
{
    // survdiff: Freireich 16.8 (16.79), p 4e-05, expected 19.3 and 10.7; aml 3.4, p 0.07 (0.0653); ovarian by treatment 1.06, p 0.303.
    [Fact]
    public void Test_OfTextbookGroups_GivesThePublishedChiSquare()
    {
        var (leukaemia, placebo) = Textbook.Freireich;
        var test = new LogRankTest(leukaemia, placebo, 2);
        Assert.Equal(16.79, test.Result.Statistic, 0.005);
        Assert.Equal(4.17e-5, test.Result.P, 0.005e-5);
        Assert.Equal([9.0, 21.0], test.Observed);
        Assert.Equal(19.25, test.Expected[0], 0.005);
        Assert.Equal(10.75, test.Expected[1], 0.005);

        var (aml, notMaintained) = Textbook.Aml;
        var second = new LogRankTest(aml, notMaintained, 2).Result;
        Assert.Equal(3.40, second.Statistic, 0.005);
        Assert.Equal(0.0653, second.P, 0.00005);

        var (ovarian, _, treatment) = Textbook.Ovarian;
        var third = new LogRankTest(ovarian, [.. treatment.Select(static t => (int)t - 1)], 2).Result;
        Assert.Equal(1.06, third.Statistic, 0.005);
        Assert.Equal(0.303, third.P, 0.0005);
    }

    [Fact]
    public void Test_OfThreeGroups_DoesNotDependOnTheirOrder()
    {
        var random = new Random(1);
        var data = new SurvivalData([.. Enumerable.Range(0, 60).Select(_ => (double)random.Next(1, 30))], [.. Enumerable.Range(0, 60).Select(_ => random.Next(3) > 0)]);
        int[] groups = [.. Enumerable.Range(0, 60).Select(static i => i % 3)];

        var test = new LogRankTest(data, groups, 3).Result;
        var other = new LogRankTest(data, [.. groups.Select(static g => 2 - g)], 3).Result;

        Assert.Equal(2, test.DegreesOfFreedom);
        Assert.Equal(test.Statistic, other.Statistic, 1e-9);
    }

    [Fact]
    public void Test_OfOneGroup_IsRefused() => Assert.Throws<ArgumentException>(() => new LogRankTest(new SurvivalData([1, 2], [true, true]), [0, 0], 2));
}
