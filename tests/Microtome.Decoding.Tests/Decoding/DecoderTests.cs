namespace Microtome.Decoding.Tests;

public sealed class DecoderTests
{
    public static TheoryData<string> Names => Fixture.Names;

    [Theory]
    [MemberData(nameof(Names))]
    public void Step_EveryToken_GivesPyTorchsLogits(string name)
    {
        var fixture = Fixture.Read(name);
        using var model = DecoderModel.Open(fixture.Folder);
        foreach (var instructions in Enum.GetValues<Instructions>().Where(Machine.Has))
        {
            using var decoder = new Decoder(model, new() { Threads = 2, Instructions = instructions });
            for (var i = 0; i < fixture.Tokens.Length; i++)
            {
                decoder.Append(0, fixture.Tokens.AsSpan(i, 1));
                Floats.Close(fixture.Logits[i], decoder.Logits(0), 5e-5);
            }
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Append_AnyChunk_GivesPyTorchsLogits(string name)
    {
        var fixture = Fixture.Read(name);
        using var model = DecoderModel.Open(fixture.Folder);
        foreach (var chunk in (int[])[1, 2, 5, 7, 64])
        {
            using var decoder = new Decoder(model, new() { Chunk = chunk });
            decoder.Append(0, fixture.Tokens);
            Floats.Close(fixture.Logits[^1], decoder.Logits(0), 5e-5);
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Results_AnyThreads_AreTheSameBits(string name)
    {
        var fixture = Fixture.Read(name);
        using var model = DecoderModel.Open(fixture.Folder);
        float[][]? first = null;
        foreach (var threads in (int[])[1, 2, 3])
        {
            using var decoder = new Decoder(model, new() { Threads = threads, Chunk = 7 });
            decoder.Append(0, fixture.Tokens.AsSpan(0, 9));
            var all = new List<float[]> { decoder.Logits(0).ToArray() };
            foreach (var token in fixture.Tokens.Skip(9))
            {
                decoder.Append(0, [token]);
                all.Add(decoder.Logits(0).ToArray());
            }

            first ??= [.. all];
            Assert.Equal(first, all);
        }
    }

    [Theory]
    [InlineData(0, 1)]
    [InlineData(4, 2)]
    [InlineData(4, 3)]
    public void Results_LargeMatricesAnyThreads_AreTheSameBits(int spark, int threads)
    {
        var config = Wide(spark > 0);
        using var model = DecoderModel.Random(config, WeightFormat.BFloat16, 5);
        int[] prompt = [.. Enumerable.Range(0, 150).Select(i => (i * 37) % config.Vocabulary)];
        float[][] Run(int count)
        {
            using var decoder = new Decoder(model, new() { Threads = count, Chunk = 140 });
            decoder.Append(0, prompt);
            var all = new List<float[]> { decoder.Logits(0).ToArray() };
            for (var i = 0; i < 5; i++)
            {
                decoder.Append(0, [i]);
                all.Add(decoder.Logits(0).ToArray());
            }

            return [.. all];
        }

        Assert.Equal(Run(1), Run(threads));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Step_SeveralSequences_AreAsAlone(string name)
    {
        var fixture = Fixture.Read(name);
        using var model = DecoderModel.Open(fixture.Folder);
        using var decoder = new Decoder(model, new() { Sequences = 4 });
        int[] starts = [3, 1, 5];
        int[] sequences = [0, 1, 3];
        for (var s = 0; s < 3; s++)
            decoder.Append(sequences[s], fixture.Tokens.AsSpan(0, starts[s]));
        for (var i = 0; i < 8; i++)
        {
            decoder.Step(sequences, [fixture.Tokens[starts[0] + i], fixture.Tokens[starts[1] + i], fixture.Tokens[starts[2] + i]]);
            for (var s = 0; s < 3; s++)
                Floats.Close(fixture.Logits[starts[s] + i], decoder.Logits(sequences[s]), 5e-5);
        }

        Assert.Equal([11, 9, 0, 13], Enumerable.Range(0, 4).Select(decoder.Length));
    }

    [Fact]
    public void Truncate_ThenOtherTokens_ForgetsTheOldOnes()
    {
        var fixture = Fixture.Read("gemma2");
        using var model = DecoderModel.Open(fixture.Folder);
        using var decoder = new Decoder(model);
        decoder.Append(0, [5, 6, 7, 8, 9, 10]);
        decoder.Truncate(0);
        decoder.Append(0, fixture.Tokens);
        decoder.Truncate(0, 4);
        decoder.Append(0, fixture.Tokens.AsSpan(4));
        Floats.Close(fixture.Logits[^1], decoder.Logits(0), 5e-5);
    }

    [Theory]
    [InlineData(WeightFormat.BFloat16, 0.1)]
    [InlineData(WeightFormat.Int8, 0.15)]
    public void Open_OtherFormat_GivesNearlyTheSameLogits(WeightFormat format, double tolerance)
    {
        foreach (var name in Fixture.Names.Select(static n => (string)n))
        {
            // Rounded weights move units across the threshold of a toy of 105 units.
            if (name == "spark")
                continue;
            var fixture = Fixture.Read(name);
            using var model = DecoderModel.Open(fixture.Folder, new() { Format = format });
            using var decoder = new Decoder(model);
            decoder.Append(0, fixture.Tokens);
            var rms = Math.Sqrt(fixture.Logits[^1].Zip(decoder.Logits(0).ToArray(), static (a, b) => Math.Pow(a - b, 2)).Average());
            var scale = Math.Sqrt(fixture.Logits[^1].Average(static a => (double)a * a));
            Assert.InRange(rms / scale, 0, tolerance);
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Step_SteadyState_AllocatesNothing(bool spark)
    {
        using var model = DecoderModel.Random(Wide(spark), WeightFormat.BFloat16, 6);
        using var decoder = new Decoder(model, new() { Threads = 2, Sequences = 2 });
        decoder.Append(0, [1, 2, 3]);
        decoder.Append(1, [1, 2, 3]);
        int[] both = [0, 1], token = [4], tokens = [5, 6];
        for (var i = 0; i < 40; i++)
        {
            decoder.Append(0, token);
            decoder.Step(both, tokens);
        }

        long mine = GC.GetAllocatedBytesForCurrentThread(), theirs = decoder.AllocatedBytes;
        for (var i = 0; i < 40; i++)
        {
            decoder.Append(0, token);
            decoder.Step(both, tokens);
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - mine);
        Assert.Equal(0, decoder.AllocatedBytes - theirs);
    }

    [Fact]
    public void Append_MoreThanTheContext_SaysSo()
    {
        using var model = DecoderModel.Open(Fixture.FolderOf("llama"));
        using var decoder = new Decoder(model, new() { Context = 6 });
        var e = Assert.Throws<DecodingException>(() => decoder.Append(0, [1, 2, 3, 4, 5, 6, 7]));
        Assert.Contains("7 tokens", e.Message, StringComparison.Ordinal);
        decoder.Append(0, [1, 2, 3, 4, 5, 6]);
        Assert.Throws<DecodingException>(() => decoder.Step([0], [1]));
        Assert.Equal(6, decoder.Length(0));
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(53)]
    public void Append_AForeignToken_SaysSo(int token)
    {
        using var model = DecoderModel.Open(Fixture.FolderOf("llama"));
        using var decoder = new Decoder(model);
        Assert.Contains("tokenizer", Assert.Throws<DecodingException>(() => decoder.Append(0, [1, token])).Message, StringComparison.Ordinal);
        Assert.Throws<DecodingException>(() => decoder.Append(0, []));
    }

    [Fact]
    public void Append_Cancelled_KeepsWholeChunksAndGoesOn()
    {
        var fixture = Fixture.Read("spark");
        using var model = DecoderModel.Open(fixture.Folder);
        using var decoder = new Decoder(model, new() { Chunk = 4 });
        using var cancelled = new CancellationTokenSource();
        cancelled.Cancel();
        Assert.Throws<OperationCanceledException>(() => decoder.Append(0, fixture.Tokens, cancellation: cancelled.Token));
        Assert.Equal(0, decoder.Length(0) % 4);
        decoder.Append(0, fixture.Tokens.AsSpan(decoder.Length(0)));
        Floats.Close(fixture.Logits[^1], decoder.Logits(0), 5e-5);
    }

    private static DecoderConfig Wide(bool spark) => new()
    {
        Width = 200,
        Hidden = spark ? 900 : 700,
        Layers = 3,
        Heads = 4,
        KeyHeads = 2,
        HeadWidth = 32,
        Vocabulary = 3001,
        Context = 512,
        Gelu = true,
        TiedHead = true,
        QueryScale = 0.2f,
        AttentionCap = 50,
        LogitCap = 30,
        Window = 40,
        AlternatingWindow = true,
        SparkInputs = spark ? 96 : 0,
        SparkUnits = spark ? 72 : 0,
        SparkKeyWidth = spark ? 16 : 0,
        SparkKeys = spark ? 24 : 0,
    };
}
