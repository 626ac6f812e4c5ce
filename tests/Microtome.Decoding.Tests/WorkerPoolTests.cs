namespace Microtome.Decoding.Tests;

public sealed class WorkerPoolTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(5)]
    public void Run_ManyTimes_DoesEveryBlockOnce(int threads)
    {
        using var pool = new WorkerPool(threads);
        var counts = new int[64];
        for (var round = 0; round < 2000; round++)
            pool.Run(1 + (round % counts.Length), i => Interlocked.Increment(ref counts[i]));
        Assert.Equal(Enumerable.Range(0, 64).Select(i => Enumerable.Range(0, 2000).Count(r => i <= r % 64)), counts);
    }

    [Fact]
    public void Run_AfterAPause_WakesTheSleepers()
    {
        using var pool = new WorkerPool(3);
        for (var round = 0; round < 5; round++)
        {
            Thread.Sleep(50);
            var sum = 0;
            pool.Run(100, i => Interlocked.Add(ref sum, i));
            Assert.Equal(4950, sum);
        }
    }

    [Fact]
    public void Run_ABlockThatFails_ThrowsAndTheNextRunWorks()
    {
        using var pool = new WorkerPool(2);
        var e = Assert.ThrowsAny<Exception>(() => pool.Run(10, static i => { if (i == 5) throw new InvalidOperationException("five"); }));
        Assert.Contains("five", e.ToString(), StringComparison.Ordinal);
        var sum = 0;
        pool.Run(10, i => Interlocked.Add(ref sum, i));
        Assert.Equal(45, sum);
    }
}
