using System.Diagnostics;
using Microtome.Cli;
using Microtome.Imaging;

namespace Microtome.Ledger.Tests;

[Collection("postgres")]
public sealed class PostgresLedgerTests(ThrowawayPostgres server) : LedgerRules
{
    [Fact]
    public void Open_NoSchema_SaysHowToMakeOne() => Assert.Contains("cohort create", Assert.Throws<LedgerException>(() => WorkLedger.Open(server.Address("nobody_made_this"))).Message, StringComparison.Ordinal);

    [Fact]
    public void Open_NoServer_SaysSoSoon()
    {
        long start = Stopwatch.GetTimestamp();
        Assert.Contains("does not answer", Assert.Throws<LedgerException>(() => WorkLedger.Open("postgres://nobody@127.0.0.1:9/none")).Message, StringComparison.Ordinal);
        Assert.InRange(Stopwatch.GetElapsedTime(start).TotalSeconds, 0, 15);
    }

    [Theory]
    [InlineData("postgres://127.0.0.1/")]
    [InlineData("postgres://127.0.0.1/db?schema=A-B")]
    [InlineData("postgres://127.0.0.1/db?nonsense=1")]
    [InlineData("Host=x;Nonsense=1")]
    public void Open_AnAddressThatIsNone_IsRefused(string address) => Assert.Throws<UsageException>(() => WorkLedger.Open(address));

    [Fact]
    public void Address_DoesNotShowThePassword()
    {
        string address = Fresh();
        using var made = WorkLedger.Create(address.Replace("tester@", "tester:secret@", StringComparison.Ordinal), new Dictionary<string, string>(StringComparer.Ordinal));
        Assert.DoesNotContain("secret", made.Address, StringComparison.Ordinal);
    }

    [Fact]
    public void KillTheServer_InTheMiddle_LosesNothing()
    {
        // A server of its own: the others' must not die.
        using var own = new ThrowawayPostgres();
        string address = own.Fresh();
        using (var ledger = WorkLedger.Create(address, new Dictionary<string, string>(StringComparer.Ordinal)))
            ledger.Add(Enumerable.Range(0, 600).Select(i => new NewItem($"item-{i}", "{}")));
        var completed = new System.Collections.Concurrent.ConcurrentDictionary<string, int>(StringComparer.Ordinal);
        var said = new System.Collections.Concurrent.ConcurrentQueue<string>();
        var threads = Enumerable.Range(0, 4).Select(_ => new Thread(() =>
        {
            using var mine = WorkLedger.Open(address);
            mine.Say = said.Enqueue;
            while (mine.Claim(Shard.All) is { } lease)
            {
                Thread.Sleep(4);
                try
                {
                    mine.Complete(lease, "{}", 0.004);
                    completed.AddOrUpdate(lease.Name, 1, (_, n) => n + 1);
                }
                catch (LeaseLostException)
                {
                    // The crash undid the claim, and another thread has taken the item meanwhile.
                }
            }
        })).ToList();
        threads.ForEach(t => t.Start());
        for (int kills = 0; kills < 2; kills++)
        {
            Thread.Sleep(400);
            own.Kill();
            Thread.Sleep(300);
            own.Start();
        }

        threads.ForEach(t => t.Join());
        using var after = WorkLedger.Open(address);
        Assert.Equal(new LedgerCounts(0, 0, 600, 0), after.Count());
        Assert.Equal(600, completed.Count);
        Assert.All(completed.Values, n => Assert.Equal(1, n));
        Assert.Contains(said, s => s.Contains("answers again", StringComparison.Ordinal));
    }

    [Fact]
    public void Stop_EndsThePatienceWithAServerThatIsGone()
    {
        using var own = new ThrowawayPostgres();
        using var ledger = WorkLedger.Create(own.Fresh(), new Dictionary<string, string>(StringComparer.Ordinal));
        own.Kill();
        using var stop = new CancellationTokenSource(TimeSpan.FromSeconds(1));
        ledger.Stop = stop.Token;
        long start = Stopwatch.GetTimestamp();
        Assert.Throws<LedgerException>(() => ledger.Count());
        Assert.InRange(Stopwatch.GetElapsedTime(start).TotalSeconds, 0.9, 20);
    }

    protected override string Fresh() => server.Fresh();
}
