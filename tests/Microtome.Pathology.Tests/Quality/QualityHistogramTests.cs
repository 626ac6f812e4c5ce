namespace Microtome.Pathology.Tests;

public sealed class QualityHistogramTests
{
    [Fact]
    public void Quantile_OfEvenValues_IsLinear()
    {
        var histogram = QualityHistogram.Of(2, 0.5, 10);
        for (int i = 0; i < 1000; i++)
            histogram.Add(2 + (5 * (i + 0.5) / 1000));

        Assert.Equal(1000, histogram.Total);
        foreach (double share in (double[])[0.05, 0.25, 0.5, 0.9])
            Assert.Equal(2 + (5 * share), histogram.Quantile(share), 9);
        Assert.Equal(0.3, histogram.ShareBelow(3.5), 9);
    }

    [Fact]
    public void Add_BeyondTheEnds_CountsInTheFirstAndTheLastBin_AndNotANumberNowhere()
    {
        var histogram = QualityHistogram.Of(0, 1, 4);
        foreach (double value in (double[])[-3, 0, 3.99, 4, 1e9, double.NaN, double.PositiveInfinity, 1])
            histogram.Add(value);

        Assert.Equal([2, 1, 0, 3], histogram.Counts);
    }

    [Fact]
    public void Quantile_OfNothing_IsNotANumber() => Assert.True(double.IsNaN(QualityHistogram.Of(0, 1, 3).Quantile(0.5)));
}
