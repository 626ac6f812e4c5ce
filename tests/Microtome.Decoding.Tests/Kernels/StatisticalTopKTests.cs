namespace Microtome.Decoding.Tests;

public sealed unsafe class StatisticalTopKTests
{
    [Theory]
    [InlineData(0.5, 0)]
    [InlineData(0.92, 1.4050715603096329)]
    [InlineData(0.95, 1.6448536269514722)]
    [InlineData(0.025, -1.9599639845400545)]
    [InlineData(0.999999, 4.753424308822899)]
    [InlineData(0.999, 3.090232306167813)]
    public void Quantile_KnownProbabilities_AreTheTables(double p, double expected) => Assert.Equal(expected, NormalQuantile.At(p), 1e-9);

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(-0.1)]
    [InlineData(double.NaN)]
    public void Quantile_NoProbability_IsRefused(double p) => Assert.Throws<ArgumentOutOfRangeException>(() => NormalQuantile.At(p));

    [Fact]
    public void Threshold_NormalScores_KeepsAboutK()
    {
        var random = new Random(7);
        var factor = StatisticalTopK.Factor(1106, 13824);
        var kernel = Kernel.For(Machine.Best);
        double sum = 0;
        for (var round = 0; round < 20; round++)
        {
            var scores = Floats.Normal(13824, random);
            fixed (float* p = scores)
            {
                var threshold = kernel.Threshold(p, scores.Length, factor);
                var kept = scores.Count(s => s > threshold);
                // 20 is the standard deviation.
                Assert.InRange(kept, 1106 - 100, 1106 + 100);
                sum += kept;
            }
        }

        Assert.InRange(sum / 20, 1106 - 20, 1106 + 20);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    [InlineData(67)]
    [InlineData(432)]
    [InlineData(13824)]
    public void Threshold_LargeMean_KeepsItsDigits(int count)
    {
        var random = new Random(8);
        float[] scores = [.. Floats.Normal(count, random).Select(static v => 1000 + v)];
        foreach (var kernel in Enum.GetValues<Instructions>().Where(Machine.Has).Select(Kernel.For))
        {
            fixed (float* p = scores)
                Assert.Equal(StatisticalTopK.Reference(scores, 1.405), kernel.Threshold(p, count, 1.405f), 2e-3);
        }
    }

    [Fact]
    public void Threshold_AllKept_IsMinusInfinity()
    {
        var scores = new float[] { 1, 2, 3 };
        fixed (float* p = scores)
            Assert.Equal(float.NegativeInfinity, Kernel.For(Machine.Best).Threshold(p, 3, StatisticalTopK.Factor(3, 3)));
    }
}
