using System.Text.Json.Nodes;

namespace Microtome.Pathology.Tests;

/// <summary>The lock of a folder of results where the kernel's lock does not reach: network file systems.</summary>
public sealed class OutputLockTests : IDisposable
{
    private static readonly TimeSpan s_watch = TimeSpan.FromMilliseconds(200);
    private readonly string folder = Directory.CreateTempSubdirectory("lock-").FullName;

    private string Owners => Path.Combine(folder, "lock.json");

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public void Take_WithoutTheKernel_ByManyAtOnce_GivesItToOneAtATime()
    {
        int holders = 0, most = 0, taken = 0;
        var threads = Enumerable.Range(0, 8).Select(_ => new Thread(() =>
        {
            for (int i = 0; i < 200; i++)
            {
                try
                {
                    using var held = OutputLock.Take(folder, useKernel: false, s_watch);
                    int now = Interlocked.Increment(ref holders);
                    if (now > Volatile.Read(ref most))
                        Volatile.Write(ref most, now);
                    Interlocked.Increment(ref taken);
                    Interlocked.Decrement(ref holders);
                }
                catch (FolderBusyException)
                {
                    Thread.Yield();
                }
            }
        })).ToList();
        threads.ForEach(t => t.Start());
        threads.ForEach(t => t.Join());
        Assert.Equal(1, most);
        Assert.InRange(taken, 8, 1600);
        Assert.False(File.Exists(Owners));
        Assert.Empty(Directory.GetFiles(folder));
    }

    [Fact]
    public void Take_FromADeadOwnerOfThisHost_ByManyAtOnce_OneTakesOver()
    {
        for (int round = 0; round < 20; round++)
        {
            Write(Environment.MachineName, 2_000_000_000, DateTime.UtcNow);
            int taken = 0, over = 0;
            using var go = new ManualResetEventSlim();
            var locks = new OutputLock?[8];
            var threads = Enumerable.Range(0, 8).Select(i => new Thread(() =>
            {
                go.Wait();
                try
                {
                    locks[i] = OutputLock.Take(folder, useKernel: false, s_watch);
                    Interlocked.Increment(ref taken);
                    if (locks[i]!.TakenOver)
                        Interlocked.Increment(ref over);
                }
                catch (FolderBusyException)
                {
                    // The others.
                }
            })).ToList();
            threads.ForEach(t => t.Start());
            go.Set();
            threads.ForEach(t => t.Join());
            Assert.InRange(taken, 0, 1);
            foreach (var held in locks)
                held?.Dispose();
            if (taken == 0)
                OutputLock.Take(folder, useKernel: false, s_watch).Dispose();
            Assert.Equal(taken, over);
        }
    }

    [Fact]
    public void Take_FromAnotherHost_ClocksThatDisagree_DoNotMatter()
    {
        // Its clock is an hour behind, but it gives signs of life.
        Write("elsewhere", 1, DateTime.UtcNow.AddHours(-1));
        using (var ended = new ManualResetEventSlim())
        {
            // A thread of its own: the pool's timers can be late by seconds where tests fill the pool.
            var beat = new Thread(() =>
            {
                while (!ended.Wait(50))
                    File.SetLastWriteTimeUtc(Owners, File.GetLastWriteTimeUtc(Owners).AddSeconds(1));
            });
            beat.Start();
            Assert.Throws<FolderBusyException>(() => OutputLock.Take(folder, useKernel: false, TimeSpan.FromSeconds(30)));
            ended.Set();
            beat.Join();
        }

        // Its clock is ahead: it counts as alive.
        Write("elsewhere", 1, DateTime.UtcNow.AddHours(1));
        Assert.Contains("elsewhere", Assert.Throws<FolderBusyException>(() => OutputLock.Take(folder, useKernel: false, s_watch)).Message, StringComparison.Ordinal);

        // Silent while it is watched: dead.
        Write("elsewhere", 1, DateTime.UtcNow.AddHours(-1));
        using var held = OutputLock.Take(folder, useKernel: false, s_watch);
        Assert.True(held.TakenOver);
    }

    [Fact]
    public void Dispose_AfterAnotherTookOver_LeavesTheOthersFile()
    {
        var first = OutputLock.Take(folder, useKernel: false, s_watch);
        Write("elsewhere", 1, DateTime.UtcNow);
        first.Dispose();
        Assert.True(File.Exists(Owners));
    }

    [Fact]
    public void Take_FromAFileThatSaysNothing_TakesOver()
    {
        File.WriteAllText(Owners, string.Empty);
        using var held = OutputLock.Take(folder, useKernel: false, s_watch);
        Assert.True(held.TakenOver);
    }

    private void Write(string host, int pid, DateTime touched)
    {
        File.WriteAllText(Owners, new JsonObject { ["Pid"] = pid, ["Host"] = host, ["Start"] = 5, ["Since"] = "2026-01-01T00:00:00Z", ["Id"] = Guid.NewGuid().ToString() }.ToJsonString());
        File.SetLastWriteTimeUtc(Owners, touched);
    }
}
