namespace Microtome.Pathology.Tests;

public class ThresholdExperimentTests
{
    [Fact]
    public void Features_InSmall_HasEveryMethodOnceASigma_AndTheSameNumbersEachTime()
    {
        var rows = ThresholdExperiment.Features(2, seed: 4, small: true);

        Assert.Equal(1 + (2 * 4) + 2, rows.Count);
        Assert.All(rows, static r => Assert.InRange(r.F1.Value, 0.2, 1));
        // People's thresholds beat one for all, and mistakes in them make labels worse.
        double Of(string method, double sigma, Func<ThresholdExperiment.Row, ThresholdExperiment.Figure> figure) => figure(rows.First(r => r.Method.StartsWith(method, StringComparison.Ordinal) && r.Sigma.Equals(sigma))).Value;
        Assert.True(Of("teacher", 0, static r => r.F1) > Of("M_old", double.NaN, static r => r.F1));
        Assert.True(Of("semi", 1.5, static r => r.LabelError) > Of("semi", 0, static r => r.LabelError));
        Assert.Equal(rows.Select(static r => r.F1), ThresholdExperiment.Features(2, seed: 4, small: true).Select(static r => r.F1));
    }

    [Fact]
    public void Mean_OfThreeSeeds_HasStudentsInterval()
    {
        var figure = ThresholdExperiment.Mean([1, 2, 3, double.NaN]);
        Assert.Equal(2, figure.Value);
        Assert.Equal(4.303 / Math.Sqrt(3), figure.HalfWidth, 1e-12);
    }
}
