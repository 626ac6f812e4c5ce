using Microtome.Learning.Training;
using Microtome.Networks;
using Microtome.Torch;
using static Microtome.Torch.torch;
using static Microtome.Torch.torch.nn;

namespace Microtome.Learning.Tests.Training;

[Collection("torch")]
public sealed class TrainerTests : IDisposable
{
    private static readonly TrainingOptions Options = new() { Steps = 8, WarmupSteps = 2, CheckpointEvery = 3, LogEvery = 2, LearningRate = 0.01 };

    private readonly string folder = Directory.CreateTempSubdirectory("microtome-training").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public void Run_StoppedAndStartedAgain_EqualsTheUndisturbedRunToTheLastBit()
    {
        var whole = Train(Path.Combine(folder, "whole"), stopAt: int.MaxValue);
        Assert.Null(Train(Path.Combine(folder, "stopped"), stopAt: 5));
        var resumed = Train(Path.Combine(folder, "stopped"), stopAt: int.MaxValue);
        Assert.Equal(whole!.Keys, resumed!.Keys);
        foreach (var (name, values) in whole)
            Assert.Equal(values, resumed[name]);
    }

    [Fact]
    public void Run_ToTheEnd_LearnsAndLeavesNoTensorBehind()
    {
        var before = live_tensors;
        Train(folder, int.MaxValue);
        Assert.Equal(before, live_tensors);
        var losses = File.ReadLines(Path.Combine(folder, "metrics.jsonl")).Select(line => System.Text.Json.JsonDocument.Parse(line).RootElement.GetProperty("loss").GetDouble()).ToList();
        Assert.Equal(4, losses.Count);
        Assert.True(losses[^1] < losses[0], $"the loss went from {losses[0]} to {losses[^1]}");
    }

    [Fact]
    public void RateAt_OverARun_RisesThenFallsToZero()
    {
        var options = new TrainingOptions { Steps = 1000, WarmupSteps = 100, LearningRate = 1 };
        Assert.Equal(0.01, options.RateAt(0), 1e-6);
        Assert.True(options.RateAt(99) > 0.97);
        Assert.Equal(0.5, options.RateAt(500), 1e-9);
        Assert.True(options.RateAt(999) < 1e-5);
    }

    private static Dictionary<string, float[]>? Train(string run, int stopAt)
    {
        manual_seed(1);
        using var scope = NewDisposeScope();
        using var network = new UNet(new UNetOptions { Widths = [8, 8], OutputChannels = 1, EncoderConvolutions = 1, DecoderConvolutions = 1 });
        using var trainer = new Trainer<long>(network, Options, run);
        var step = trainer.Step;
        using var cancellation = new CancellationTokenSource();
        try
        {
            trainer.Run(Next, Loss, null, cancellation.Token);
        }
        catch (OperationCanceledException)
        {
            return null;
        }

        return trainer.Average.ToDictionary(pair => pair.Key, pair => Values(pair.Value), StringComparer.Ordinal);

        long Next()
        {
            if (step == stopAt)
                cancellation.Cancel();
            return step++;
        }
    }

    private static Tensor Loss(Module<Tensor, Tensor> network, long step)
    {
        using var scope = NewDisposeScope();
        var random = new Random((int)step);
        var pixels = Enumerable.Range(0, 2 * 3 * 16 * 16).Select(_ => random.NextSingle()).ToArray();
        var input = tensor(pixels, [2, 3, 16, 16]);
        var target = input.mean([1], keepdim: true);
        return (network.forward(input) - target).square().mean().MoveToOuterDisposeScope();
    }

    private static float[] Values(Tensor tensor)
    {
        using var scope = NewDisposeScope();
        var values = new float[tensor.numel()];
        tensor.to(ScalarType.Float32).CopyTo(values);
        return values;
    }
}
