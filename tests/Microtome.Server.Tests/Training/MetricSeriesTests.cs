using Point = Microtome.Server.MetricSeries.Point;

namespace Microtome.Server.Tests;

public sealed class MetricSeriesTests
{
    // A page that asks now and then and replaces what it is told to has in the end what one that asks once has; steps that go back drop what came after.
    [Theory]
    [InlineData(1, 300, 0.05)]
    [InlineData(2, 2_000, 0.01)]
    [InlineData(3, 9_000, 0.002)]
    [InlineData(4, 9_000, 0)]
    [InlineData(5, 40_000, 0.0005)]
    public void Since_AskedNowAndThen_GivesWhatAskingOnceGives(int seed, int lines, double back)
    {
        var random = new Random(seed);
        var series = new MetricSeries();
        var page = new List<Point>();
        var truth = new List<Point>();
        long step = 0, asked = -1;
        for (int line = 1; line <= lines; line++)
        {
            step = random.NextDouble() < back ? random.NextInt64(Math.Max(1, step - 500), step + 1) : step + random.NextInt64(1, 4);
            double value = random.NextDouble() + (random.Next(1000) == 0 ? 5 : 0);
            series.Add(step, value, line);
            truth.RemoveAll(p => p.Step >= step);
            truth.Add(new Point(step, value));
            if (random.Next(50) == 0)
                Ask(line);
        }

        Ask(lines);
        var all = series.Since(-1)!.Value.Points;
        Assert.Equal(all, page);
        Assert.Null(series.Since(lines));
        Assert.InRange(all.Count, Math.Min(truth.Count, 400), (2 * MetricSeries.MostStretches) + 1);
        Assert.Empty(all.Except(truth));
        Assert.Equal(all.OrderBy(static p => p.Step).DistinctBy(static p => p.Step), all);
        Assert.Equal(truth[^1], all[^1]);
        if (back == 0)
            Assert.Equal((truth.Max(static p => p.Value), truth.Min(static p => p.Value)), (all.Max(static p => p.Value), all.Min(static p => p.Value)));
        if (lines <= MetricSeries.MostStretches)
            Assert.Equal(truth, all);

        void Ask(long line)
        {
            if (series.Since(asked) is { } part)
            {
                page.RemoveAll(p => p.Step >= part.FromStep);
                page.AddRange(part.Points);
            }

            asked = line;
        }
    }
}
