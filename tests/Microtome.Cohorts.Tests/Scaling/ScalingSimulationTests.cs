namespace Microtome.Cohorts.Tests;

public sealed class ScalingSimulationTests
{
    private static readonly ScalingOptions s_even = new() { Slides = 100, MeasuredSeconds = [36], Spread = 0, Stragglers = 0, DeathsPerHour = 0, LedgerSeconds = 0, SlideBytes = 0 };

    [Theory]
    [InlineData(1, false, 1.0)]
    [InlineData(10, false, 0.1)]
    [InlineData(10, true, 0.1)]
    [InlineData(30, false, 0.04)]
    [InlineData(30, true, 0.04)]
    [InlineData(1000, false, 0.01)]
    public void Run_EvenSlides_TakesTheRoundsThatItMust(int workers, bool shards, double hours)
    {
        var outcome = ScalingSimulation.Run(s_even with { Shards = shards }, workers);
        Assert.Equal(hours, outcome.Hours, 9);
        Assert.Equal(1.0 / (workers * hours), outcome.Efficiency, 9);
        Assert.Equal(0, outcome.Deaths);
    }

    [Fact]
    public void Run_AnEventAtATime_AgreesWithAListSchedule()
    {
        // Uneven slides, given out as workers come free: the classic greedy schedule, done by hand.
        var options = s_even with { Slides = 200, Spread = 0.8, MeasuredSeconds = [10, 20, 90], Seed = 3 };
        var one = ScalingSimulation.Run(options, 1);
        var seven = ScalingSimulation.Run(options, 7);
        Assert.InRange(seven.Hours, one.Hours / 7, one.Hours);
        Assert.Equal(one.Hours, seven.Efficiency * 7 * seven.Hours, 9);

        // Nobody idles for longer than the last slides take.
        Assert.True(seven.Tail < 0.5);
        Assert.True(ScalingSimulation.Run(options with { Shards = true }, 7).Hours >= seven.Hours * 0.999);
    }

    [Fact]
    public void Run_DeathsLedgerAndStorage_CostWhatTheyShould()
    {
        var deaths = ScalingSimulation.Run(s_even with { Slides = 20_000, DeathsPerHour = 1, Lost = 1 }, 50);
        Assert.InRange(deaths.Deaths, 170, 240); // 36 s of work die with a chance of 1 - exp(-0.01)
        Assert.True(deaths.Hours > 20_000 * 36 / 3600.0 / 50);
        var ledger = ScalingSimulation.Run(s_even with { Slides = 5000, LedgerSeconds = 1 }, 1000);
        Assert.True(ledger.Hours >= 5000 / 3600.0, "one claim a second bounds the run");
        var storage = ScalingSimulation.Run(s_even with { SlideBytes = 36e9, StorageBytesPerSecond = 1e9 }, 10);
        Assert.Equal(10, storage.StorageBusy, 9);
        Assert.Equal(1.0, storage.Hours, 9);
    }
}
