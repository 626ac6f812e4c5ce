namespace Microtome.Decoding.Tests;

public sealed class SamplerTests
{
    private static readonly float[] Logits = [0, 2, 1, -1, 2.5f, float.NaN, 0.5f];

    [Fact]
    public void Next_ManyDraws_FollowTheProbabilities()
    {
        var sampler = new Sampler(new() { Temperature = 0.7, Seed = 1 }, Logits.Length);
        Check(sampler, Logits.Select(static l => float.IsNaN(l) ? 0 : Math.Exp(l / 0.7)).ToArray());
    }

    [Fact]
    public void Next_TopK_DrawsOnlyTheLikeliest()
    {
        var sampler = new Sampler(new() { Temperature = 1, TopK = 3, Seed = 2 }, Logits.Length);
        Check(sampler, [0, Math.Exp(2), Math.Exp(1), 0, Math.Exp(2.5), 0, 0]);
    }

    [Fact]
    public void Next_TopP_DrawsTheSmallestSetThatReachesIt()
    {
        // e^2.5 = 12.2, e^2 = 7.4, e = 2.7, e^.5 = 1.6, 1, .37: of 25.3 in all, 0.75 needs the first two and no more; 0.8 the third, too.
        Check(new Sampler(new() { Temperature = 1, TopP = 0.75, Seed = 3 }, Logits.Length), [0, Math.Exp(2), 0, 0, Math.Exp(2.5), 0, 0]);
        Check(new Sampler(new() { Temperature = 1, TopP = 0.8, Seed = 3 }, Logits.Length), [0, Math.Exp(2), Math.Exp(1), 0, Math.Exp(2.5), 0, 0]);
    }

    [Fact]
    public void Next_LargeVocabulary_TopPAndTopKAgreeWithASort()
    {
        var random = new Random(4);
        for (var round = 0; round < 50; round++)
        {
            float[] logits = [.. Floats.Normal(5000, random).Select(v => MathF.Round(v * 10 * (float)random.NextDouble()) / 4)];
            var order = Enumerable.Range(0, logits.Length).OrderByDescending(i => logits[i]).ThenBy(static i => i).ToArray();
            var k = random.Next(1, 50);
            var drawn = new HashSet<int>();
            var sampler = new Sampler(new() { Temperature = 5, TopK = k, Seed = round }, logits.Length);
            for (var i = 0; i < 300; i++)
                drawn.Add(sampler.Next(logits));
            Assert.Subset(order[..k].ToHashSet(), drawn);
            var p = 0.05 + (0.9 * random.NextDouble());
            var weights = order.Select(i => Math.Exp((logits[i] - logits[order[0]]) / 1.5)).ToArray();
            double sum = 0;
            var n = 0;
            while (sum < p * weights.Sum())
                sum += weights[n++];
            drawn.Clear();
            sampler = new Sampler(new() { Temperature = 1.5, TopP = p, Seed = round }, logits.Length);
            for (var i = 0; i < 300; i++)
                drawn.Add(sampler.Next(logits));
            // One more or less at the edge: sums in another order.
            Assert.Subset(order[..Math.Min(order.Length, n + 1)].ToHashSet(), drawn);
        }
    }

    [Fact]
    public void Next_SameSeed_GivesTheSameTokensAndStreamsDiffer()
    {
        int[] Draw(long seed, int stream)
        {
            var sampler = new Sampler(new() { Temperature = 2, Seed = seed }, Logits.Length, stream);
            return [.. Enumerable.Range(0, 50).Select(_ => sampler.Next(Logits))];
        }

        Assert.Equal(Draw(5, 0), Draw(5, 0));
        Assert.NotEqual(Draw(5, 0), Draw(6, 0));
        Assert.NotEqual(Draw(5, 0), Draw(5, 1));
    }

    [Fact]
    public void Next_ZeroTemperature_TakesTheFirstLargest()
    {
        Assert.Equal(4, new Sampler(new(), 7).Next(Logits));
        Assert.Equal(1, Sampler.Largest([float.NaN, 3, 3, 1]));
    }

    [Fact]
    public void Next_Drawing_AllocatesNothing()
    {
        var sampler = new Sampler(new() { Temperature = 1, TopP = 0.9, TopK = 0 }, Logits.Length);
        _ = sampler.Next(Logits);
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 100; i++)
            _ = sampler.Next(Logits);
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    [Theory]
    [InlineData(-1, 0, 1)]
    [InlineData(double.NaN, 0, 1)]
    [InlineData(1, -1, 1)]
    [InlineData(1, 0, 0)]
    [InlineData(1, 0, 1.5)]
    public void Checked_OutOfRange_SaysWhat(double temperature, int topK, double topP) =>
        Assert.Throws<DecodingException>(() => new Sampler(new() { Temperature = temperature, TopK = topK, TopP = topP }, 7));

    private static void Check(Sampler sampler, double[] weights)
    {
        const int Draws = 20_000;
        var counts = new int[weights.Length];
        for (var i = 0; i < Draws; i++)
            counts[sampler.Next(Logits)]++;
        var sum = weights.Sum();
        for (var i = 0; i < weights.Length; i++)
        {
            var expected = Draws * weights[i] / sum;
            Assert.InRange(counts[i], expected - (5 * Math.Sqrt(expected)), expected + (5 * Math.Sqrt(expected)));
        }
    }
}
