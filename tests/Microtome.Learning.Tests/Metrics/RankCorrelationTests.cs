using Microtome.Learning.Metrics;

namespace Microtome.Learning.Tests.Metrics;

public class RankCorrelationTests
{
    // record_agreement.py prints the numbers (SciPy).
    private static readonly double[] Counts = [0, 3, 5, 5, 9, 12, 14, 20, 20, 31, 40, 44, 52, 60, 64, 7, 33, 18];
    private static readonly int[] Scores = [1, 1, 1, 2, 1, 2, 1, 2, 3, 2, 2, 3, 3, 3, 3, 1, 3, 2];

    [Fact]
    public void Spearman_WithTies_IsScipys() => Assert.Equal(0.8402163179060259, RankCorrelation.Spearman(Counts, [.. Scores.Select(static s => (double)s)]), 1e-14);

    [Fact]
    public void Polyserial_OfThreeLevels_IsScipys() => Assert.Equal(0.9084736990938359, RankCorrelation.Polyserial(Counts, Scores), 1e-13);

    [Fact]
    public void Polyserial_OfTwoHalves_IsThePearsonTimesTheKnownFactor()
    {
        // tau = 0, phi(0) = 1 / sqrt(2 pi), sd = 1 / 2: the factor is sqrt(2 pi) / 2.
        double[] values = [1, 2, 3, 4];
        Assert.Equal(RankCorrelation.Pearson(values, [1, 1, 2, 2]) * Math.Sqrt(2 * Math.PI) / 2, RankCorrelation.Polyserial(values, [1, 1, 2, 2]), 1e-13);
    }

    [Theory]
    [InlineData(1e-12, -7.034483825301131)]
    [InlineData(1e-5, -4.264890793922825)]
    [InlineData(0.01, -2.3263478740408408)]
    [InlineData(0.2, -0.8416212335729142)]
    [InlineData(0.5, 0)]
    [InlineData(0.9, 1.2815515655446004)]
    [InlineData(0.999, 3.090232306167813)]
    public void NormalQuantile_OfAnyShare_IsScipys(double share, double expected) => Assert.Equal(expected, RankCorrelation.NormalQuantile(share), 1e-9 * Math.Max(1, Math.Abs(expected)));

    [Fact]
    public void Spearman_OfAConstant_IsNoNumber() => Assert.True(double.IsNaN(RankCorrelation.Spearman([1, 2, 3], [5, 5, 5])));
}
