namespace Microtome.Decoding.Tests;

public sealed unsafe class TopSearchTests
{
    [Theory]
    [InlineData(WeightFormat.BFloat16)]
    [InlineData(WeightFormat.Float32)]
    public void Find_RandomMatrices_IsTheLargestOfTheWholeMatrix(WeightFormat format)
    {
        var random = new Random(11);
        foreach (var instructions in Enum.GetValues<Instructions>().Where(Machine.Has))
        {
            using var engine = new Engine(2, instructions);
            for (var round = 0; round < 25; round++)
            {
                int rows = random.Next(1, 3000), columns = random.Next(1, 150);
                using var w = new RandomMatrix(rows, columns, format, random);
                Duplicate(w.Matrix, random);
                using var search = new TopSearch(w.Matrix, 2);
                for (var question = 0; question < 5; question++)
                {
                    var x = Floats.Normal(columns, random);
                    if (question == 4)
                        Array.Clear(x);
                    var all = new float[rows];
                    fixed (float* px = x, pa = all)
                    {
                        engine.Linear(w.Matrix, px, columns, 1, pa, rows);
                        Assert.Equal(Sampler.Largest(all), search.Find(engine, px));
                    }
                }
            }
        }
    }

    // Rows that are equal, or differ in the last bit of one weight: what a bound that is too tight would confuse.
    private static void Duplicate(Matrix w, Random random)
    {
        var size = (int)w.Stride;
        for (var i = 0; i < w.Rows / 3; i++)
        {
            int from = random.Next(w.Rows), to = random.Next(w.Rows);
            Buffer.MemoryCopy(w.Row(from), w.Row(to), size, size);
            if (random.Next(2) == 0)
                w.Row(to)[random.Next(w.Columns) * Matrix.SizeOf(w.Format)] ^= 1;
        }
    }

    [Fact]
    public void Find_LargeMatrix_ComputesFewRowsInFull()
    {
        var random = new Random(12);
        using var engine = new Engine(2);
        using var w = new RandomMatrix(20_000, 256, WeightFormat.BFloat16, random);
        using var search = new TopSearch(w.Matrix, 2);
        var x = Floats.Normal(256, random);
        fixed (float* px = x)
            _ = search.Find(engine, px);
        Assert.InRange(search.Computed, 1, 400);
    }

    [Fact]
    public void Find_NotFinite_StillAnswers()
    {
        using var engine = new Engine(1);
        using var w = new RandomMatrix(40, 8, WeightFormat.Float32, new Random(13));
        using var search = new TopSearch(w.Matrix, 1);
        foreach (var bad in (float[])[float.NaN, float.PositiveInfinity, 1e38f])
        {
            float[] x = [1, 2, bad, 4, 5, 6, 7, 8], all = new float[40];
            fixed (float* px = x, pa = all)
            {
                engine.Linear(w.Matrix, px, 8, 1, pa, 40);
                Assert.Equal(Sampler.Largest(all), search.Find(engine, px));
            }
        }
    }

    [Theory]
    [InlineData("gemma2")]
    [InlineData("spark")]
    public void Greedy_WithAndWithoutSearch_GivesTheSameTextAndPyTorchsToken(string name)
    {
        var fixture = Fixture.Read(name);
        using var model = DecoderModel.Open(fixture.Folder);
        using var plain = new Decoder(model);
        using var quick = new Decoder(model, new() { TopSearch = true });
        int a = plain.Greedy(0, fixture.Tokens), b = quick.Greedy(0, fixture.Tokens);
        Assert.Equal(Sampler.Largest(fixture.Logits[^1]), a);
        for (var i = 0; i < 30; i++)
        {
            Assert.Equal(a, b);
            a = plain.Greedy(0, [a]);
            b = quick.Greedy(0, [b]);
        }
    }
}
