using Microtome.Learning.Training;
using Microtome.Torch;
using Microtome.Torch.Modules;
using static Microtome.Torch.torch;
using static Microtome.Torch.torch.nn;

namespace Microtome.Learning.Tests.Training;

[Collection("torch")]
public sealed class RecipeTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("microtome-recipe").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public void TumorRecipe_OverItsTwentyEpochs_HasThePublishedRates()
    {
        var options = PatchRecipe.Tumor.Options(patches: 2560, batch: 256, steps: null, seed: 1);
        Assert.Equal(200, options.Steps);
        double[] rates = [.. Enumerable.Range(0, 20).Select(epoch => options.RateAt((epoch * 10) + 9))];
        Assert.Equal([.. Enumerable.Repeat(1e-2, 4), .. Enumerable.Repeat(5e-3, 4), .. Enumerable.Repeat(1e-3, 2), .. Enumerable.Repeat(2e-4, 5), .. Enumerable.Repeat(1e-4, 5)], rates.Select(static r => Math.Round(r, 9)));
        Assert.Equal((10, 10, 10), (options.HeadOnlySteps, options.RestartEvery, options.KeepEvery));
    }

    [Fact]
    public void TilRecipe_IsAdamAtAConstantRateWithWeightsKeptEach500Steps()
    {
        var options = PatchRecipe.Til.Options(patches: 1000, batch: 128, steps: null, seed: 1);
        Assert.Equal((1600, OptimizerKind.Adam, 500), (options.Steps, options.Optimizer, options.KeepEvery));
        Assert.Equal([5e-5, 5e-5], [options.RateAt(0), options.RateAt(1599)]);
        Assert.True(PatchRecipe.Til.IndependentClasses);
    }

    [Fact]
    public void Options_WithTheirDefaults_AreWrittenAsBefore()
    {
        // options.txt of older runs must still match.
        Assert.Equal(
            """{"steps":4000,"batch":8,"cropSize":256,"learningRate":0.002,"warmupSteps":100,"weightDecay":0.001,"clipNorm":5,"averageDecay":0.998,"checkpointEvery":100,"logEvery":25,"seed":1}""",
            System.Text.Json.JsonSerializer.Serialize(new TrainingOptions(), System.Text.Json.JsonSerializerOptions.Web));
    }

    [Fact]
    public void Run_HeadOnlyAtFirst_MovesTheLastLayerAloneThenAll()
    {
        var options = new TrainingOptions
        {
            Steps = 4,
            HeadOnlySteps = 2,
            RestartEvery = 2,
            KeepEvery = 2,
            Optimizer = OptimizerKind.Sgd,
            Momentum = 0.9,
            LearningRate = 0.1,
            Schedule = LearningRateSchedule.Constant,
            AverageDecay = 0,
            ClipNorm = 0,
            WeightDecay = 1e-4,
            CheckpointEvery = 3,
            LogEvery = 4,
        };
        manual_seed(1);
        using var network = Network();
        float[] first = Values(network, "0.weight"), head = Values(network, "1.weight");
        using var trainer = new Trainer<int>(network, options, folder);
        trainer.Run(static () => 0, Loss, null, CancellationToken.None);

        Assert.Equal([2L, 4L], trainer.Kept.Select(static k => k.Step));
        using (var kept = Safetensors.Load(trainer.Kept[0].Path))
        {
            Assert.Equal(first, kept.Tensors["0.weight"].data<float>().ToArray());
            Assert.NotEqual(head, kept.Tensors["1.weight"].data<float>().ToArray());
        }

        Assert.NotEqual(first, Values(network, "0.weight"));
    }

    [Fact]
    public void Run_StoppedWithinTheStairs_GoesOnAsIfItHadNot()
    {
        var options = PatchRecipe.Tumor.Options(patches: 2, batch: 1, steps: 9, seed: 1) with { CheckpointEvery = 4, LogEvery = 9 };
        float[] whole = Train(Path.Combine(folder, "whole"), options, stopAt: 99), part = Train(Path.Combine(folder, "part"), options, stopAt: 5), resumed = Train(Path.Combine(folder, "part"), options, stopAt: 99);
        Assert.Equal(whole, resumed);
        Assert.NotEqual(whole, part);
    }

    private static float[] Train(string run, TrainingOptions options, int stopAt)
    {
        manual_seed(7);
        using var network = Network();
        using var trainer = new Trainer<int>(network, options, run);
        using var stop = new CancellationTokenSource();
        var step = (int)trainer.Step;
        try
        {
            trainer.Run(() =>
            {
                if (step == stopAt)
                    stop.Cancel();
                return step++;
            }, Loss, null, stop.Token);
        }
        catch (OperationCanceledException)
        {
            // Wanted.
        }

        return [.. Values(network, "0.weight"), .. Values(network, "1.weight")];
    }

    private static Sequential Network() => Sequential(("0", Linear(4, 3)), ("1", Linear(3, 1)));

    private static float[] Values(Module<Tensor, Tensor> network, string name) => network.state_dict()[name].data<float>().ToArray();

    private static Tensor Loss(Module<Tensor, Tensor> network, int step)
    {
        using var scope = NewDisposeScope();
        var input = tensor(new float[] { 1, 2, -1, 0.5f + step }, [1, 4]);
        return (network.forward(input) - 3).pow(2).mean().MoveToOuterDisposeScope();
    }
}
