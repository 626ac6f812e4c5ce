namespace Microtome.Server.Tests;

public sealed class TileCacheTests
{
    private static readonly TileKey s_key = new("a", "dzi", 1, 2, 3);

    [Fact]
    public async Task Get_ManyAtTheSameTime_MakesEachOnce()
    {
        using var cache = new TileCache(new ServerOptions());
        int made = 0;
        var answers = await Task.WhenAll(Enumerable.Range(0, 200).Select(i => Task.Run(async () => await cache.GetAsync(
            s_key with { X = i % 10 },
            () =>
            {
                Interlocked.Increment(ref made);
                Thread.Sleep(20);
                return [(byte)(i % 10)];
            },
            CancellationToken.None))));
        Assert.Equal(10, made);
        Assert.All(answers.Select((a, i) => (a.Bytes[0], i)), a => Assert.Equal(a.i % 10, a.Item1));
        Assert.Equal(0, cache.InFlight);
    }

    [Fact]
    public async Task Bytes_UnderParallelLoad_NeverPassTheLimit()
    {
        const long limit = 1 << 20;
        using var cache = new TileCache(new ServerOptions { CacheBytes = limit });
        long most = 0;
        await Parallel.ForAsync(0, 3000, new ParallelOptions { MaxDegreeOfParallelism = 8 }, async (i, cancellation) =>
        {
            byte[] expected = [(byte)(i % 251), .. new byte[i * 37 % 50_000]];
            var (bytes, _) = await cache.GetAsync(s_key with { X = i % 251, Y = i * 37 % 50_000 }, () => expected, cancellation);
            Assert.Equal(expected.Length, bytes.Length);
            Assert.Equal(expected[0], bytes[0]);
            InterlockedMax(ref most, cache.Bytes);
        });
        Assert.InRange(most, limit / 2, limit);
    }

    [Fact]
    public async Task Get_WhatWasUsedLast_StaysAndTheOldestGoes()
    {
        using var cache = new TileCache(new ServerOptions { CacheBytes = 1 << 20 });
        for (int i = 0; i < 4; i++)
        {
            await cache.GetAsync(s_key with { X = i }, () => new byte[300_000], CancellationToken.None);
            await cache.GetAsync(s_key with { X = 0 }, () => new byte[300_000], CancellationToken.None);
        }

        Assert.True((await cache.GetAsync(s_key with { X = 0 }, () => [], CancellationToken.None)).Cached);
        Assert.True((await cache.GetAsync(s_key with { X = 3 }, () => [], CancellationToken.None)).Cached);
        Assert.False((await cache.GetAsync(s_key with { X = 1 }, () => [], CancellationToken.None)).Cached);
    }

    [Fact]
    public async Task Get_GivenUpByOne_IsStillMadeForTheOthers()
    {
        using var cache = new TileCache(new ServerOptions());
        using var begun = new SemaphoreSlim(0);
        using var go = new ManualResetEventSlim();
        using var giveUp = new CancellationTokenSource();
        byte[] Make()
        {
            begun.Release();
            go.Wait();
            return [7];
        }

        var first = cache.GetAsync(s_key, Make, giveUp.Token).AsTask();
        await begun.WaitAsync();
        var second = cache.GetAsync(s_key, Make, CancellationToken.None).AsTask();
        await giveUp.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => first);
        go.Set();
        Assert.Equal([7], (await second).Bytes);
        Assert.True((await cache.GetAsync(s_key, () => [8], CancellationToken.None)).Cached);
    }

    [Fact]
    public async Task Get_GivenUpBeforeItBegan_IsNotMadeAndDoesNotPoison()
    {
        using var cache = new TileCache(new ServerOptions());
        using var go = new ManualResetEventSlim();
        using var begun = new SemaphoreSlim(0);
        // All places are taken.
        var busy = Enumerable.Range(0, Environment.ProcessorCount).Select(i => cache.GetAsync(
            s_key with { Level = 100 + i },
            () =>
            {
                begun.Release();
                go.Wait();
                return [1];
            },
            CancellationToken.None).AsTask()).ToArray();
        for (int i = 0; i < busy.Length; i++)
            await begun.WaitAsync();
        using var giveUp = new CancellationTokenSource();
        bool made = false;
        var waiting = cache.GetAsync(
            s_key,
            () =>
            {
                made = true;
                return [2];
            },
            giveUp.Token).AsTask();
        await giveUp.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);
        var again = cache.GetAsync(s_key, () => [3], CancellationToken.None).AsTask();
        go.Set();
        await Task.WhenAll(busy);
        Assert.Equal([3], (await again).Bytes);
        Assert.False(made);
    }

    [Fact]
    public async Task Get_AFailure_IsToldToAllWhoWaitAndNotKept()
    {
        using var cache = new TileCache(new ServerOptions());
        await Assert.ThrowsAsync<InvalidDataException>(async () => await cache.GetAsync(s_key, () => throw new InvalidDataException("bad"), CancellationToken.None));
        Assert.Equal([4], (await cache.GetAsync(s_key, () => [4], CancellationToken.None)).Bytes);
        Assert.Equal(0, cache.InFlight);
    }

    private static void InterlockedMax(ref long target, long value)
    {
        for (long seen = Volatile.Read(ref target); value > seen;)
        {
            long before = Interlocked.CompareExchange(ref target, value, seen);
            if (before == seen)
                return;
            seen = before;
        }
    }
}
