using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using Microtome.Imaging;

namespace Microtome.Ledger.Tests;

/// <summary>What every ledger must do, whatever keeps it.</summary>
public abstract class LedgerRules
{
    private static readonly Dictionary<string, string> s_settings = new(StringComparer.Ordinal) { ["output"] = "/x" };

    protected abstract string Fresh();

    [Fact]
    public void Create_TwiceAtOneAddress_IsRefused()
    {
        string address = Fresh();
        using var one = WorkLedger.Create(address, s_settings);
        var e = Assert.Throws<LedgerException>(() => WorkLedger.Create(address, s_settings));
        Assert.Contains("holds a cohort already", e.Message, StringComparison.Ordinal);
        Assert.Equal("/x", one["output"]);
        Assert.Null(one["nothing"]);
    }

    [Fact]
    public void Add_NamesThatAreThere_AreLeftAlone()
    {
        using var ledger = Make(3);
        Assert.Equal(1, ledger.Add([new NewItem("item-1", "other"), new NewItem("new 切片", "{}")]));
        Assert.Equal("{\"n\":1}", ledger.Find("item-1")!.Payload);
        Assert.Equal("new 切片", ledger.Items().Last().Name);
        Assert.Equal(new LedgerCounts(4, 0, 0, 0), ledger.Count());
    }

    [Fact]
    public void Claim_FollowsTheOrderOfAdding_AndCountsAttempts()
    {
        using var ledger = Make(2);
        var first = ledger.Claim(Shard.All)!;
        Assert.Equal(("item-0", 1, "{\"n\":0}"), (first.Name, first.Attempt, first.Payload));
        Assert.Equal("item-1", ledger.Claim(Shard.All)!.Name);
        Assert.Null(ledger.Claim(Shard.All));
        ledger.Release(first, TimeSpan.Zero);
        Assert.Equal(("item-0", 1), (ledger.Claim(Shard.All) is { } again ? (again.Name, again.Attempt) : default));
    }

    [Fact]
    public void Complete_WithAnOldLease_IsRefusedAndChangesNothing()
    {
        using var ledger = Make(1);
        ledger.LeaseTime = TimeSpan.FromMilliseconds(50);
        var old = ledger.Claim(Shard.All)!;
        Thread.Sleep(120);
        Assert.Equal(1, ledger.Sweep());
        Assert.Contains("went silent", ledger.Find("item-0")!.Reason!, StringComparison.Ordinal);
        var fresh = ledger.Claim(Shard.All)!;
        Assert.Equal(2, fresh.Attempt);
        Assert.Throws<LeaseLostException>(() => ledger.Complete(old, "{\"old\":1}", 1));
        Assert.Throws<LeaseLostException>(() => ledger.Renew(old));
        Assert.Throws<LeaseLostException>(() => ledger.Fail(old, "no", 1));
        ledger.Complete(fresh, "{\"new\":1}", 2.5);
        ledger.Complete(fresh, "{\"new\":1}", 2.5);
        var row = ledger.Find("item-0")!;
        Assert.Equal((ItemState.Done, "{\"new\":1}", 2.5), (row.State, row.Result, row.Seconds));
        Assert.Equal(2.5, ledger.SumOfSeconds());
    }

    [Fact]
    public void Complete_WhenTheClaimWasUndone_CountsUntilAnotherTakesTheItem()
    {
        using var ledger = Make(4);
        ledger.LeaseTime = TimeSpan.FromMilliseconds(30);
        Lease[] lapsed = [.. Enumerable.Range(0, 4).Select(_ => ledger.Claim(Shard.All)!)];
        Thread.Sleep(80);
        Assert.Equal(4, ledger.Sweep());
        ledger.LeaseTime = TimeSpan.FromMinutes(1);
        ledger.Complete(lapsed[0], "{}", 1);
        ledger.Renew(lapsed[1]);
        Assert.Equal(new LedgerCounts(2, 1, 1, 0), ledger.Count());

        // Given back is given back: a late renewal does not take it again.
        ledger.Release(lapsed[1], TimeSpan.Zero);
        Assert.Throws<LeaseLostException>(() => ledger.Renew(lapsed[1]));

        // A person asked for it anew: the old work does not count.
        Assert.Equal(1, ledger.Retry([lapsed[2].Name]));
        Assert.Throws<LeaseLostException>(() => ledger.Complete(lapsed[2], "{}", 1));
        Assert.Throws<LeaseLostException>(() => ledger.Renew(lapsed[2]));
        ledger.Fail(lapsed[3], "no", 1);
        Assert.Equal(new LedgerCounts(2, 0, 1, 1), ledger.Count());
    }

    [Fact]
    public void Renew_KeepsTheLease()
    {
        using var ledger = Make(1);
        ledger.LeaseTime = TimeSpan.FromMilliseconds(400);
        var lease = ledger.Claim(Shard.All)!;
        for (int i = 0; i < 6; i++)
        {
            Thread.Sleep(100);
            ledger.Renew(lease);
            Assert.Equal(0, ledger.Sweep());
        }
    }

    [Fact]
    public void GiveBack_EndsAfterTheLastAttempt()
    {
        using var ledger = Make(1);
        for (int attempt = 1; attempt <= WorkLedger.DefaultMaxAttempts; attempt++)
            ledger.GiveBack(ledger.Claim(Shard.All)!, "the network was away", TimeSpan.Zero);
        Assert.Equal(new LedgerCounts(0, 0, 0, 1), ledger.Count());
        Assert.Equal("the network was away", ledger.Find("item-0")!.Reason);
        Assert.Equal(1, ledger.Retry(null));
        Assert.Equal((1, 1), ledger.Claim(Shard.All) is { } again ? (again.Attempt, again.Round) : default);
    }

    [Fact]
    public void GiveBack_WithADelay_IsNotClaimedBefore()
    {
        using var ledger = Make(1);
        ledger.GiveBack(ledger.Claim(Shard.All)!, "busy", TimeSpan.FromMilliseconds(300));
        Assert.Null(ledger.Claim(Shard.All));
        Thread.Sleep(400);
        Assert.NotNull(ledger.Claim(Shard.All));
    }

    [Fact]
    public void Claim_OfShards_PartsTheItems()
    {
        using var ledger = Make(20);
        var names = new List<string>();
        for (int i = 0; i < 3; i++)
        {
            int own = 0;
            for (; ledger.Claim(new Shard(i, 3)) is { } lease; own++)
                names.Add(lease.Name);
            Assert.InRange(own, 6, 7);
        }

        Assert.Equal(20, names.Distinct(StringComparer.Ordinal).Count());
    }

    [Fact]
    public void Claim_ByManyWorkers_GivesEachItemOnce()
    {
        string address = Fresh();
        using (var ledger = WorkLedger.Create(address, s_settings))
            ledger.Add(Enumerable.Range(0, 400).Select(i => new NewItem(string.Create(CultureInfo.InvariantCulture, $"item-{i}"), "{}")));
        var done = new ConcurrentBag<string>();
        var threads = Enumerable.Range(0, 8).Select(_ => new Thread(() =>
        {
            using var own = WorkLedger.Open(address);
            while (own.Claim(Shard.All) is { } lease)
            {
                done.Add(lease.Name);
                own.Complete(lease, "{}", 0.1);
            }
        })).ToList();
        threads.ForEach(t => t.Start());
        threads.ForEach(t => t.Join());
        Assert.Equal(400, done.Count);
        Assert.Equal(400, done.Distinct(StringComparer.Ordinal).Count());
        using var all = WorkLedger.Open(address);
        Assert.Equal(new LedgerCounts(0, 0, 400, 0), all.Count());
    }

    [Fact]
    public void Absorb_TakesARecordOnceAndOnlyOfItsRound()
    {
        using var ledger = Make(1);
        Assert.False(ledger.Absorb("item-0", 1, ItemState.Done, 1, "a", null, "{}", 3));
        Assert.True(ledger.Absorb("item-0", 0, ItemState.Failed, 3, "a", "broken", null, 3));
        Assert.False(ledger.Absorb("item-0", 0, ItemState.Failed, 3, "a", "broken", null, 3));
        Assert.True(ledger.Absorb("item-0", 0, ItemState.Done, 1, "a", null, "{}", 3));
        Assert.False(ledger.Absorb("item-0", 0, ItemState.Failed, 3, "a", "broken", null, 3));
        Assert.Equal(ItemState.Done, ledger.Find("item-0")!.State);
    }

    [Fact]
    public void Notes_AreKeptInOrder_AndOnlyOfItemsThatExist()
    {
        using var ledger = Make(2);
        ledger.AddNote("item-0", "verdict", "Ada", "{\"verdict\":\"bad\"}");
        ledger.AddNote("item-0", "verdict", "Émile 李", "{\"verdict\":\"good\"}");
        ledger.AddNote("item-1", "other", "Ada", "{}");
        var notes = ledger.Notes("verdict");
        Assert.Equal(["Ada", "Émile 李"], notes.Select(n => n.Who));
        Assert.All(notes, n => Assert.InRange(n.At, DateTimeOffset.UtcNow.AddMinutes(-1), DateTimeOffset.UtcNow.AddMinutes(1)));
        Assert.Empty(ledger.Notes("verdict", "item-1"));
        Assert.Throws<UsageException>(() => ledger.AddNote("item-9", "verdict", "Ada", "{}"));
    }

    [Fact]
    public void Items_ComeInPages()
    {
        using var ledger = Make(2500);
        Assert.Equal(2500, ledger.Items().Select(i => i.Name).Distinct(StringComparer.Ordinal).Count());
        var lease = ledger.Claim(Shard.All)!;
        Assert.Equal("item-0", Assert.Single(ledger.Items(ItemState.Running)).Name);
        Assert.Equal(WorkerIdentity.Own.ToString(), ledger.Find(lease.Name)!.Holder);
    }

    protected WorkLedger Make(int items)
    {
        var ledger = WorkLedger.Create(Fresh(), s_settings);
        ledger.Add(Enumerable.Range(0, items).Select(i => new NewItem(string.Create(CultureInfo.InvariantCulture, $"item-{i}"), string.Create(CultureInfo.InvariantCulture, $"{{\"n\":{i}}}"))));
        return ledger;
    }
}
