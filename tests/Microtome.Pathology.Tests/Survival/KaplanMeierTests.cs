namespace Microtome.Pathology.Tests;

public class KaplanMeierTests
{
    [Fact]
    public void Curve_OfMaintainedAml_IsWhatSurvfitPrints()
    {
        var (data, group) = Textbook.Aml;
        var curve = new KaplanMeier(data.Where(i => group[i] == 0));

        // summary(survfit(Surv(time, status) ~ x, aml)), x = Maintained: time, at risk, survival, standard error, interval.
        (double Time, int AtRisk, double Survival, double Error, double Lower, double Upper)[] printed =
        [
            (9, 11, 0.909, 0.0867, 0.7541, 1), (13, 10, 0.818, 0.1163, 0.6192, 1), (18, 8, 0.716, 0.1397, 0.4884, 1), (23, 7, 0.614, 0.1526, 0.3769, 0.999),
            (31, 5, 0.491, 0.1642, 0.2549, 0.946), (34, 4, 0.368, 0.1627, 0.1549, 0.875), (48, 2, 0.184, 0.1535, 0.0359, 0.944),
        ];
        var steps = curve.Steps.Where(static s => s.Events > 0).ToArray();
        Assert.Equal(printed.Select(static p => (p.Time, p.AtRisk)), steps.Select(static s => (s.Time, s.AtRisk)));
        for (int i = 0; i < printed.Length; i++)
        {
            Assert.Equal(printed[i].Survival, steps[i].Survival, 0.0006);
            Assert.Equal(printed[i].Error, steps[i].StandardError, 0.00006);
            Assert.Equal(printed[i].Lower, steps[i].Lower, 0.00006);
            Assert.Equal(printed[i].Upper, steps[i].Upper, 0.0006);
        }
    }

    [Fact]
    public void Median_OfTextbookGroups_IsThePublishedOne()
    {
        var (aml, notMaintained) = Textbook.Aml;
        Assert.Equal([31.0, 23.0], new[] { 0, 1 }.Select(g => new KaplanMeier(aml.Where(i => notMaintained[i] == g)).Median!.Value));
        var (leukaemia, placebo) = Textbook.Freireich;
        Assert.Equal([23.0, 8.0], new[] { 0, 1 }.Select(g => new KaplanMeier(leukaemia.Where(i => placebo[i] == g)).Median!.Value));
    }

    [Fact]
    public void Median_WhereTheCurveLiesAtOneHalf_IsTheMiddleOfTheStretch() =>
        Assert.Equal(3, new KaplanMeier(new SurvivalData([1, 2, 4, 5], [true, true, true, true])).Median);

    [Fact]
    public void Median_NeverReached_IsNull() => Assert.Null(new KaplanMeier(new SurvivalData([1, 2, 3], [true, false, false])).Median);

    [Fact]
    public void AtRisk_CountsThoseStillObserved()
    {
        var curve = new KaplanMeier(new SurvivalData([1, 2, 2, 5], [true, false, true, false]));

        Assert.Equal([4, 4, 3, 1, 1, 0], new[] { 0.0, 1, 2, 3, 5, 6 }.Select(curve.AtRisk));
        Assert.Equal([1, 0.75, 0.5], new[] { 0.5, 1, 4 }.Select(curve.At));
    }
}
