using System.Text;
using Microtome.Networks;
using Microtome.Torch;
using static Microtome.Torch.torch;

namespace Microtome.Language.Tests;

[Collection("torch")]
public sealed class PretrainerTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("pretrainer 片 ").FullName;
    private static readonly byte[] s_text = Encoding.UTF8.GetBytes(string.Concat(Enumerable.Range(0, 2000).Select(static i => $"the {(i * 7) % 13} cats sat on {(i * 5) % 11} mats. ")));

    public void Dispose() => Directory.Delete(folder, recursive: true);

    private static readonly TransformerOptions s_shape = new() { Layers = 4, Width = 16, Heads = 2, Vocabulary = ByteText.Vocabulary, MaxLength = 16, Causal = true, InitialDeviation = 0, Dropout = 0.1 };

    private static readonly PretrainingOptions s_options = new() { Steps = 24, Batch = 8, Length = 16, LearningRate = 1e-2, CheckpointEvery = 5, LogEvery = 1, Seed = 3 };

    public static TheoryData<string> Sharings => ["never", "fixed", "multi", "rescale", "reset"];

    private static SharingOptions Sharing(string name) => name switch
    {
        "fixed" => new SharingOptions { Kind = SharingKind.Fixed, UntieAt = 8 },
        "multi" => new SharingOptions { Kind = SharingKind.MultiStep, CheckEvery = 2, Patience = 2, Correlation = 0.97 },
        "rescale" => new SharingOptions { Kind = SharingKind.Fixed, UntieAt = 8, State = UntieState.Rescale },
        "reset" => new SharingOptions { Kind = SharingKind.Fixed, UntieAt = 8, State = UntieState.Reset, ResetWarmup = 4 },
        _ => new SharingOptions(),
    };

    [Theory]
    [MemberData(nameof(Sharings))]
    public void Run_StoppedAnywhere_GoesOnToTheSameBits(string sharing)
    {
        var options = s_options with { Sharing = Sharing(sharing) };
        var whole = Train(options, "whole", int.MaxValue);
        foreach (int stop in new[] { 7, 9, 17 })
        {
            // Stopped without a checkpoint of that step, as by kill -9: what was logged after the last checkpoint is done again.
            Train(options, $"stopped {stop}", stop);
            var resumed = Train(options, $"stopped {stop}", int.MaxValue);
            Assert.Equal(whole.Weights, resumed.Weights);
            Assert.Equal(Losses("whole"), Losses($"stopped {stop}"));
        }
    }

    [Theory]
    [MemberData(nameof(Sharings))]
    public void Run_Learns(string sharing)
    {
        Train(s_options with { Steps = 60, Sharing = Sharing(sharing) }, "run", int.MaxValue);
        var losses = Losses("run");
        Assert.True(losses[^1] < losses[0] - 1, $"{losses[0]} to {losses[^1]}");
    }

    // Until the tie is cut, n copies moved by the mean of their gradients and one stored layer are the same thing.
    [Fact]
    public void Shared_IsNCopiesWithTheMeanGradient()
    {
        var options = s_options with { Steps = 6, ClipNorm = 0.5, Sharing = new SharingOptions { Kind = SharingKind.Always } };
        var shape = s_shape with { Dropout = 0 };
        var actual = Train(options, "shared", int.MaxValue, shape).Weights;

        manual_seed(options.Seed);
        using var model = new TextModel(shape, TextOutput.NextToken);
        var layers = model.Transformer.Layers.Select(static l => l.parameters().ToArray()).ToArray();
        using (no_grad())
        {
            foreach (var layer in layers.Skip(1))
            {
                for (int p = 0; p < layer.Length; p++)
                    layer[p].copy_(layers[0][p]);
            }
        }

        var decaying = model.parameters().Where(static p => p.dim() > 1);
        using var adam = optim.AdamW([new ParamGroup(decaying, 0, options.WeightDecay), new ParamGroup(model.parameters().Where(static p => p.dim() <= 1), 0)], eps: options.Epsilon);
        var source = new ByteText(s_text, TextOutput.NextToken, options.Batch, options.Length, options.Seed);
        for (int step = 0; step < options.Steps; step++)
        {
            using var scope = NewDisposeScope();
            adam.zero_grad();
            var batch = source.Training(step);
            model.Loss(tensor(batch.Inputs).reshape(batch.Rows, batch.Length), tensor(batch.Targets).reshape(batch.Rows, batch.Length)).Loss.backward();
            for (int p = 0; p < layers[0].Length; p++)
            {
                var mean = stack([.. layers.Select(l => l[p].grad!)]).mean([0L]);
                foreach (var layer in layers)
                    layer[p].grad = mean.clone();
            }

            nn.utils.clip_grad_norm_(model.parameters(), options.ClipNorm);
            adam.LearningRate = options.RateAt(step);
            adam.step();
        }

        float[] expected = Weights(model);
        Assert.Equal(expected.Length, actual.Length);
        Assert.InRange(expected.Zip(actual, static (a, b) => Math.Abs(a - b)).Max(), 0, 2e-4f);
    }

    [Fact]
    public void Accumulation_TakesTheSameSteps()
    {
        var shape = s_shape with { Dropout = 0 };
        float[] whole = Train(s_options, "whole", int.MaxValue, shape).Weights;
        float[] parts = Train(s_options with { Accumulation = 4 }, "parts", int.MaxValue, shape).Weights;
        Assert.InRange(whole.Zip(parts, static (a, b) => Math.Abs(a - b)).Max(), 0, 1e-3f);
    }

    [Fact]
    public void Run_WithNothingHeldOut_TellsNothingOfItAndGoesOn()
    {
        Train(s_options, "run", int.MaxValue, heldOut: false);
        string path = Path.Combine(folder, "run", "metrics.jsonl"), log = File.ReadAllText(path);
        Assert.DoesNotContain("held_out", log, StringComparison.Ordinal);
        // As runs of before wrote it, and as a full disk leaves it.
        File.WriteAllText(path, log + "{\"step\":24,\"held_out_loss\":NaN}\n{\"step\":24,\"lo");

        Assert.Equal(24, Train(s_options, "run", int.MaxValue, heldOut: false).Step);

        Assert.Equal(log + "{\"step\":24,\"held_out_loss\":NaN}\n", File.ReadAllText(path));
    }

    [Fact]
    public void Rescale_MeasuresWhatSingleLayersDo()
    {
        var copied = Train(s_options with { Sharing = Sharing("fixed"), Steps = 9 }, "copy", int.MaxValue).Weights;
        var scaled = Train(s_options with { Sharing = Sharing("rescale"), Steps = 9 }, "rescale", int.MaxValue).Weights;
        Assert.NotEqual(copied, scaled);
    }

    [Fact]
    public void Loss_NoNumber_StopsAndNamesTheLayer()
    {
        Train(s_options, "run", 7);
        manual_seed(3);
        using var model = new TextModel(s_shape, TextOutput.NextToken);
        using var trainer = new Pretrainer(model, s_options, Path.Combine(folder, "run"));
        using (no_grad())
            model.Transformer.Layers[2].FeedForward.parameters().First().mul_(float.MaxValue).mul_(1e30);
        var source = new ByteText(s_text, TextOutput.NextToken, 8, 16, 3);
        var error = Assert.Throws<DivergedException>(() => trainer.Run(source, null, CancellationToken.None));
        Assert.Contains("transformer.layers.2", error.Message, StringComparison.Ordinal);
        Assert.Contains("checkpoint of step 5 stands", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Output_NotFinite_NamesTheFirstLayer()
    {
        manual_seed(3);
        using var model = new TextModel(s_shape, TextOutput.NextToken);
        using (no_grad())
            model.Transformer.Layers[1].FeedForward.parameters().Last().fill_(float.MaxValue);
        using var tokens = zeros([1, 16], ScalarType.Int64);
        using (no_grad())
            model.Transformer.Layers[1].FeedForward.parameters().ElementAt(2).fill_(1e38);
        string where = NonFinite.Find(model, tokens);
        Assert.Contains("layer 2 of 4", where, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(FeedForwardKind.Spark, 0.15, 0.40)]
    [InlineData(FeedForwardKind.ReGlu, 0.2, 0.8)]
    public void Run_UnitsThatCanBeIdle_AreCounted(FeedForwardKind kind, double least, double most)
    {
        var shape = s_shape with { FeedForward = kind, FeedForwardWidth = 64, Spark = kind == FeedForwardKind.Spark ? new SparkOptions { PredictorWidth = 8, ActiveUnits = 16 } : null };
        Train(s_options with { LogEvery = 6, EvaluateEvery = 12 }, "run", int.MaxValue, shape);
        var lines = File.ReadLines(Path.Combine(folder, "run", "metrics.jsonl")).Select(static l => System.Text.Json.JsonDocument.Parse(l).RootElement).ToList();
        Assert.Equal(6, lines.Count);
        foreach (var line in lines)
        {
            double[] active = [.. line.GetProperty("active").EnumerateArray().Select(static e => e.GetDouble())];
            Assert.Equal(shape.Layers, active.Length);
            Assert.All(active, part => Assert.InRange(part, least, most));
            Assert.Equal(line.TryGetProperty("held_out_loss", out _), line.TryGetProperty("dead", out var dead));
            if (dead.ValueKind == System.Text.Json.JsonValueKind.Array)
                Assert.All(dead.EnumerateArray(), static d => Assert.InRange(d.GetInt32(), 0, 64));
        }
    }

    [Fact]
    public void Run_NoUnitCanBeIdle_CountsNone()
    {
        Train(s_options, "run", int.MaxValue);
        Assert.DoesNotContain("active", File.ReadAllText(Path.Combine(folder, "run", "metrics.jsonl")), StringComparison.Ordinal);
    }

    [Fact]
    public void Checkpoint_OfAnotherShape_IsRefused()
    {
        Train(s_options, "run", 6);
        using var model = new TextModel(s_shape with { Width = 32 }, TextOutput.NextToken);
        var error = Assert.Throws<TextException>(() => new Pretrainer(model, s_options, Path.Combine(folder, "run")));
        Assert.Contains("another model", error.Message, StringComparison.Ordinal);
        File.WriteAllText(Path.Combine(folder, "run", "checkpoint.safetensors"), "short");
        Assert.Contains("is not a checkpoint", Assert.Throws<TextException>(() => new Pretrainer(model, s_options, Path.Combine(folder, "run"))).Message, StringComparison.Ordinal);
    }

    private (float[] Weights, long Step) Train(PretrainingOptions options, string run, int stop, TransformerOptions? shape = null, bool heldOut = true)
    {
        manual_seed(options.Seed);
        using var model = new TextModel(shape ?? s_shape, TextOutput.NextToken);
        using var trainer = new Pretrainer(model, options, Path.Combine(folder, run));
        ITextSource source = new ByteText(s_text, TextOutput.NextToken, options.Batch, options.Length, options.Seed);
        if (!heldOut)
            source = new NothingHeldOut(source);
        try
        {
            trainer.Run(source, line => _ = line.Step < stop ? true : throw new StoppedException(), CancellationToken.None);
        }
        catch (StoppedException)
        {
            // As asked.
        }

        return (Weights(model), trainer.Step);
    }

    private List<double> Losses(string run) =>
        [.. File.ReadLines(Path.Combine(folder, run, "metrics.jsonl")).Select(static l => System.Text.Json.JsonDocument.Parse(l).RootElement).Where(static e => e.TryGetProperty("loss", out _)).Select(static e => e.GetProperty("loss").GetDouble())];

    private static float[] Weights(TextModel model)
    {
        using var scope = NewDisposeScope();
        using var off = no_grad();
        return [.. model.state_dict().OrderBy(static p => p.Key, StringComparer.Ordinal).SelectMany(static p => p.Value.flatten().data<float>().ToArray())];
    }

    private sealed class NothingHeldOut(ITextSource source) : ITextSource
    {
        public TextBatch Training(long step) => source.Training(step);

        public IEnumerable<TextBatch> HeldOut() => [];
    }

    private sealed class StoppedException : Exception;
}
