using Microtome.Torch.Modules;
using static Microtome.Torch.torch;
using static Microtome.Torch.torch.optim;

namespace Microtome.Torch.Tests;

public class SchedulerTests
{
    private static double[] Rates(Func<Optimizer, LRScheduler> make, int steps, double lr = 1)
    {
        using var w = new Parameter(zeros(1));
        using var optimizer = SGD([w], lr);
        var scheduler = make(optimizer);
        var rates = new double[steps];
        for (var i = 0; i < steps; i++)
        {
            rates[i] = optimizer.LearningRate;
            scheduler.step();
        }
        return rates;
    }

    private static void Same(double[] expected, double[] found)
    {
        Assert.Equal(expected.Length, found.Length);
        for (var i = 0; i < expected.Length; i++)
            Assert.Equal(expected[i], found[i], 1e-12);
    }

    [Fact]
    public void StepsAndDecays_EqualTheirFormulas()
    {
        Same([1, 1, 0.1, 0.1, 0.01], Rates(o => lr_scheduler.StepLR(o, 2), 5));
        Same([1, 0.5, 0.5, 0.25], Rates(o => lr_scheduler.MultiStepLR(o, [1, 3], 0.5), 4));
        Same([1, 0.9, 0.81], Rates(o => lr_scheduler.ExponentialLR(o, 0.9), 3));
        Same([2, 1, 0], Rates(o => lr_scheduler.CosineAnnealingLR(o, 2), 3, 2));
        Same([0.25, 0.5, 0.75, 1, 1], Rates(o => lr_scheduler.LinearLR(o, 0.25, 1, 3), 5));
        Same([0, 3, 6], Rates(o => lr_scheduler.LambdaLR(o, t => t), 3, 3));
    }

    [Fact]
    public void Sequential_WarmUpThenCosine_JoinsAtTheMilestone()
    {
        Same([0.5, 0.75, 1, 0.5, 0], Rates(o => lr_scheduler.SequentialLR(o, [lr_scheduler.LinearLR(o, 0.5, 1, 2), lr_scheduler.CosineAnnealingLR(o, 2)], [2]), 5));
    }

    [Fact]
    public void OneCycle_RisesToThePeakAndFallsToTheEnd()
    {
        var rates = Rates(o => lr_scheduler.OneCycleLR(o, 1, 20), 20);
        Assert.Equal(1 / 25.0, rates[0], 1e-12);
        Assert.Equal(1, rates[5], 1e-12);
        Assert.Equal(1 / 25e4, rates[19], 1e-12);
        Assert.Equal(rates.Take(6).Order(), rates.Take(6));
        Assert.Equal(rates.Skip(5).OrderDescending(), rates.Skip(5));
    }

    [Fact]
    public void Plateau_NoImprovementForLongerThanPatience_LowersTheRate()
    {
        using var w = new Parameter(zeros(1));
        using var optimizer = SGD([w], 1);
        var scheduler = lr_scheduler.ReduceLROnPlateau(optimizer, patience: 1, factor: 0.5);
        foreach (var (loss, rate) in new[] { (1.0, 1.0), (0.9, 1), (0.9, 1), (0.9, 0.5), (0.5, 0.5), (0.6, 0.5), (0.6, 0.25) })
        {
            scheduler.step(loss);
            Assert.Equal(rate, optimizer.LearningRate);
        }
    }

    [Fact]
    public void Resume_AtACount_SetsTheRateOfThatCount()
    {
        using var w = new Parameter(zeros(1));
        using var optimizer = SGD([w], 1);
        var scheduler = lr_scheduler.ExponentialLR(optimizer, 0.5);
        scheduler.resume(3);
        Assert.Equal(0.125, optimizer.LearningRate);
    }
}
