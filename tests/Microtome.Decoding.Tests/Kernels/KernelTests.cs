namespace Microtome.Decoding.Tests;

/// <summary>Every kernel of every instruction set of this machine against its scalar specification, on shapes that fill no vector.</summary>
public sealed unsafe class KernelTests
{
    public static TheoryData<Instructions, WeightFormat> All
    {
        get
        {
            var data = new TheoryData<Instructions, WeightFormat>();
            foreach (var instructions in Enum.GetValues<Instructions>().Where(Machine.Has))
            {
                foreach (var format in Enum.GetValues<WeightFormat>())
                    data.Add(instructions, format);
            }

            return data;
        }
    }

    public static TheoryData<Instructions> Sets => [.. Enum.GetValues<Instructions>().Where(Machine.Has)];

    [Theory]
    [MemberData(nameof(All))]
    public void MatVec_AnyShape_MatchesSpecification(Instructions instructions, WeightFormat format)
    {
        var kernel = Kernel.For(instructions);
        var random = new Random(1);
        for (var round = 0; round < 60; round++)
        {
            int rows = random.Next(1, 23), columns = random.Next(1, 300);
            using var w = new RandomMatrix(rows, columns, format, random);
            var x = Floats.Normal(columns, random);
            float[] expected = new float[rows], actual = new float[rows];
            MatVec.Reference(w.Matrix, x, expected);
            var first = random.Next(0, rows);
            fixed (float* px = x, py = actual)
            {
                kernel.MatVec(w.Matrix, px, py, 0, first);
                kernel.MatVec(w.Matrix, px, py + first, first, rows - first);
            }

            Floats.Close(expected, actual, 2e-6 * Math.Sqrt(columns) * 3);
        }
    }

    [Theory]
    [MemberData(nameof(All))]
    public void Gemm_AnyShape_MatchesSpecificationWhateverTheTokens(Instructions instructions, WeightFormat format)
    {
        var kernel = Kernel.For(instructions);
        var random = new Random(2);
        for (var round = 0; round < 20; round++)
        {
            int rows = random.Next(1, 120), columns = random.Next(1, 500), tokens = random.Next(1, 11);
            using var w = new RandomMatrix(rows, columns, format, random);
            var x = Floats.Normal(columns * tokens, random);
            float[] expected = new float[rows * tokens], actual = new float[rows * tokens], alone = new float[rows];
            Gemm.Reference(w.Matrix, x, tokens, expected);
            fixed (float* px = x, py = actual, pa = alone)
            {
                kernel.Gemm(w.Matrix, px, columns, tokens, py, rows, 0, rows);
                kernel.Gemm(w.Matrix, px + (columns * (tokens - 1)), columns, 1, pa, rows, 0, rows);
            }

            Floats.Close(expected, actual, 2e-6 * Math.Sqrt(columns) * 3);
            Assert.Equal(actual[((tokens - 1) * rows)..], alone);
        }
    }

    [Theory]
    [MemberData(nameof(All))]
    public void SparseRecords_AnyUnits_MatchSpecification(Instructions instructions, WeightFormat format)
    {
        var kernel = Kernel.For(instructions);
        var random = new Random(3);
        for (var round = 0; round < 40; round++)
        {
            int units = random.Next(1, 40), dot = random.Next(1, 140), width = random.Next(1, 140);
            using var records = new RandomMatrix(units, dot + width, format, random, dot);
            int[] active = [.. Enumerable.Range(0, units).Where(_ => random.NextDouble() < 0.4)];
            var activations = Floats.Normal(active.Length, random);
            var q2 = Floats.Normal(dot, random);
            var expected = new double[width];
            SparseRecords.Reference(records.Dense, dot, active, activations, q2, expected);
            var actual = new float[width];
            fixed (int* pi = active)
            fixed (float* pa = activations, pq = q2, py = actual)
                kernel.SparseRecords(records.Matrix, dot, pi, pa, active.Length, pq, py);
            Floats.Close([.. expected.Select(static v => (float)v)], actual, 1e-4);
        }
    }

    [Theory]
    [MemberData(nameof(All))]
    public void SparseTokens_AnyPairs_MatchSpecification(Instructions instructions, WeightFormat format)
    {
        var kernel = Kernel.For(instructions);
        var random = new Random(4);
        for (var round = 0; round < 20; round++)
        {
            int units = random.Next(1, 40), dot = random.Next(1, 140), width = random.Next(1, 140), tokens = random.Next(1, 12);
            using var records = new RandomMatrix(units, dot + width, format, random, dot);
            var q2 = Floats.Normal(dot * tokens, random);
            var starts = new int[units + 1];
            List<int> who = [];
            List<float> activations = [];
            for (var j = 0; j < units; j++)
            {
                for (var t = 0; t < tokens; t++)
                {
                    if (random.NextDouble() < 0.4)
                    {
                        who.Add(t);
                        activations.Add((float)random.NextDouble());
                    }
                }

                starts[j + 1] = who.Count;
            }

            var expected = new double[width * tokens];
            for (var j = 0; j < units; j++)
            {
                for (var p = starts[j]; p < starts[j + 1]; p++)
                    SparseRecords.Reference(records.Dense, dot, [j], [activations[p]], q2.AsSpan(who[p] * dot, dot), expected.AsSpan(who[p] * width, width));
            }

            var h = activations.ToArray();
            var actual = new float[width * tokens];
            fixed (int* ps = starts, pt = who.ToArray())
            fixed (float* ph = h, pq = q2, py = actual)
            {
                var half = units / 2;
                kernel.SparseProducts(records.Matrix, dot, ps, pt, ph, 0, half, pq, dot);
                kernel.SparseProducts(records.Matrix, dot, ps, pt, ph, half, units - half, pq, dot);
                var left = width / 2;
                kernel.SparseSums(records.Matrix, dot, 0, left, ps, pt, ph, py, width);
                kernel.SparseSums(records.Matrix, dot, left, width - left, ps, pt, ph, py, width);
            }

            Floats.Close([.. expected.Select(static v => (float)v)], actual, 1e-4);
        }
    }

    [Theory]
    [MemberData(nameof(Sets))]
    public void ChosenKeys_AnyShape_MatchSpecification(Instructions instructions)
    {
        var kernel = Kernel.For(instructions);
        var random = new Random(16);
        for (var round = 0; round < 40; round++)
        {
            int keys = random.Next(1, 40), rest = random.Next(1, 70), width = random.Next(1, 70);
            using var records = new RandomMatrix(keys, rest + width, WeightFormat.Float32, random);
            int[] chosen = [.. Enumerable.Range(0, keys).Where(_ => random.NextDouble() < 0.6)];
            float[] w = Floats.Normal(chosen.Length, random), q = Floats.Normal(rest, random), products = new float[keys], y = new float[width];
            var expected = ChosenKeys.Reference(records.Dense, rest, chosen, w, q, 0.3);
            fixed (int* pc = chosen)
            fixed (float* pw = w, pq = q, pp = products, py = y)
                kernel.ChosenKeys((float*)records.Matrix.Data, rest + width, pc, pw, chosen.Length, pq, rest, 0.3f, pp, py);
            Floats.Close([.. expected.Select(static v => (float)v)], y, 1e-4);
        }
    }

    [Theory]
    [MemberData(nameof(Sets))]
    public void Collect_AnyScores_ListsThoseAboveInOrder(Instructions instructions)
    {
        var kernel = Kernel.For(instructions);
        var random = new Random(5);
        for (var count = 0; count < 70; count++)
        {
            var scores = Floats.Normal(count, random);
            if (count > 3)
                scores[3] = 0.5f;
            var found = new int[count];
            fixed (float* ps = scores)
            fixed (int* pf = found)
                Assert.Equal(ActiveUnits.Reference(scores, 0.5f), found[..kernel.Collect(ps, count, 0.5f, pf)]);
        }
    }

    [Theory]
    [MemberData(nameof(Sets))]
    public void Vectors_AnyLength_MatchDoublePrecision(Instructions instructions)
    {
        var kernel = Kernel.For(instructions);
        var random = new Random(6);
        for (var count = 1; count < 100; count += 3)
        {
            float[] a = Floats.Normal(count, random), b = Floats.Normal(count, random), work = (float[])a.Clone(), weight = Floats.Normal(count, random), norm = new float[count];
            fixed (float* pa = a, pb = b, pw = work, pg = weight, pn = norm)
            {
                Assert.Equal(a.Zip(b, static (u, v) => (double)u * v).Sum(), kernel.Dot(pa, pb, count), 1e-4);
                Assert.Equal(a.Max(), kernel.Largest(pa, count));
                kernel.RmsNorm(pa, pg, pn, count, 1e-6f);
                var root = Math.Sqrt((a.Sum(static v => (double)v * v) / count) + 1e-6);
                Floats.Close([.. a.Zip(weight, (u, g) => (float)(u / root * g))], norm, 1e-5);
                kernel.Gate(pw, pb, count, gelu: true);
                Floats.Close([.. a.Zip(b, static (u, v) => (float)(Gate.Gelu(u) * v))], work, 1e-6);
                a.CopyTo(work, 0);
                kernel.Gate(pw, pb, count, gelu: false);
                Floats.Close([.. a.Zip(b, static (u, v) => (float)(Gate.Silu(u) * v))], work, 1e-6);
                a.CopyTo(work, 0);
                kernel.SoftCap(pw, count, 2);
                Floats.Close([.. a.Select(static u => (float)(2 * Math.Tanh(u / 2.0)))], work, 2e-6);
                a.CopyTo(work, 0);
                var sum = kernel.ExpSum(pw, count);
                Assert.Equal(a.Sum(u => Math.Exp(u - a.Max())), sum, 1e-4);
            }
        }
    }

    [Fact]
    public void Gate_LargeInputs_DoNotOverflow()
    {
        float[] a = [-1e30f, -200, -90, 0, 90, 200, 1e30f, -5, -1e30f, -200, -90, 0, 90, 200, 1e30f, -5, 3], b = [.. Enumerable.Repeat(1f, 17)];
        var expected = a.Select(static u => u < -50 ? 0 : u > 50 ? u : (float)Gate.Gelu(u)).ToArray();
        foreach (var kernel in Enum.GetValues<Instructions>().Where(Machine.Has).Select(Kernel.For))
        {
            var work = (float[])a.Clone();
            fixed (float* pw = work, pb = b)
                kernel.Gate(pw, pb, work.Length, gelu: true);
            for (var i = 0; i < a.Length; i++)
                Assert.Equal(expected[i], work[i], MathF.Abs(expected[i]) * 1e-5f + 1e-6f);
        }
    }
}
