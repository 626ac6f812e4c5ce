namespace Microtome.Pathology.Tests;

public class FixedPointTests
{
    [Fact]
    public void Quantise_AnyFloat_RoundsAndClamps()
    {
        float[] values = [0, 1, 0.5f, -1, 2, float.NaN, float.PositiveInfinity, float.NegativeInfinity, 0.00195f, 0.00197f, 127.4f / 255, 127.6f / 255];
        byte[] expected = [0, 255, 128, 0, 255, 0, 255, 0, 0, 1, 127, 128];

        // Long enough for the vector loop, at every offset.
        float[] many = [.. Enumerable.Repeat(values, 9).SelectMany(v => v)];
        byte[] wanted = [.. Enumerable.Repeat(expected, 9).SelectMany(v => v)];
        for (var skip = 0; skip < values.Length; skip++)
        {
            var bytes = new byte[many.Length - skip];
            NucleusMaps.Quantise(many.AsSpan(skip), bytes);
            Assert.Equal(wanted[skip..], bytes);
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(0.5)]
    [InlineData(1.5)]
    [InlineData(4)]
    public void Gaussian_Kernel_SumsToOneAndIsTheGaussian(double sigma)
    {
        var kernel = FixedPoint.Gaussian(sigma);
        Assert.Equal(256, kernel[0] + (2 * kernel.Skip(1).Sum(v => v)));
        if (sigma == 0)
            return;
        var sum = Enumerable.Range(-40, 81).Sum(i => Math.Exp(-i * i / (2 * sigma * sigma)));
        for (var i = 0; i < kernel.Length; i++)
            Assert.Equal(Math.Exp(-i * i / (2 * sigma * sigma)) / sum, kernel[i] / 256.0, 0.012);
    }

    [Fact]
    public void Blur_RandomRows_EqualsTheSum()
    {
        var random = new Random(1);
        foreach (var width in new[] { 1, 15, 16, 17, 40, 67 })
        {
            var kernel = FixedPoint.Gaussian(1.5);
            var radius = kernel.Length - 1;
            var padded = new byte[width + (2 * radius)];
            random.NextBytes(padded);
            padded[0] = 255;
            var row = new ushort[width];
            FixedPoint.BlurRow(padded, kernel, row);
            ushort[][] rows = [.. Enumerable.Range(0, (2 * radius) + 1).Select(_ => Enumerable.Range(0, width).Select(_ => (ushort)random.Next(65281)).ToArray())];
            var column = new ushort[width];
            FixedPoint.BlurColumns(rows, kernel, 12, column);
            for (var x = 0; x < width; x++)
            {
                Assert.Equal(Enumerable.Range(-radius, (2 * radius) + 1).Sum(k => padded[x + radius + k] * kernel[Math.Abs(k)]), row[x]);
                Assert.Equal(Enumerable.Range(-radius, (2 * radius) + 1).Sum(k => rows[radius + k][x] * kernel[Math.Abs(k)]) >> 12, column[x]);
            }
        }
    }
}
