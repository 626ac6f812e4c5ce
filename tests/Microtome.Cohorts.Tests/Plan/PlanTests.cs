using Microtome.Imaging;
using Microtome.Ledger;

namespace Microtome.Cohorts.Tests;

public sealed class PlanTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("plan 計画-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public void PlanFile_HoldsWhatTheLedgerHolds_AfterEveryChange()
    {
        using var cohort = Make("a", "b");
        var (plan, items) = PlanFile.Read(PlanFile.Beside(cohort.Ledger.Address));
        Assert.Equal(cohort.Plan.Id, plan.Id);
        Assert.Equal(cohort.Plan.Parts, plan.Parts);
        Assert.Equal(["a", "b"], items.Select(i => i.Slide.Name));
        cohort.Add([Slide("c 片")]);
        cohort.Ledger.Fail(cohort.Ledger.Claim(Shard.All)!, "broken", 1);
        Assert.Equal(1, cohort.Retry(null));
        items = PlanFile.Read(PlanFile.Beside(cohort.Ledger.Address)).Items;
        Assert.Equal([("a", 1), ("b", 0), ("c 片", 0)], items.Select(i => (i.Slide.Name, i.Round)));
        Assert.Equal(0.25, items[2].Slide.Mpp);
    }

    [Theory]
    [InlineData("", "is empty")]
    [InlineData("{\"output\":1}", "damaged")]
    [InlineData("{\"output\":\"/x\"}\n{\"id\":", "line 2")]
    public void PlanFile_Damaged_IsExplained(string content, string says)
    {
        string path = Path.Combine(folder, "x.plan.jsonl");
        File.WriteAllText(path, content);
        Assert.Contains(says, Assert.Throws<LedgerException>(() => PlanFile.Read(path)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Record_OfAnotherCohortOrRound_OrDamaged_DoesNotCount()
    {
        using var cohort = Make("a");
        var record = new SlideRecord { Cohort = cohort.Plan.Id, Slide = "a", Round = 0, State = ItemState.Done, Attempts = 1, Seconds = 2 };
        record.Write(cohort.Plan);
        Assert.Equal(ItemState.Done, SlideRecord.Read(cohort.Plan, "a", 0)!.State);
        Assert.Null(SlideRecord.Read(cohort.Plan, "a", 1));
        Assert.Null(SlideRecord.Read(cohort.Plan with { Id = "other" }, "a", 0));
        File.WriteAllText(SlideRecord.PathOf(cohort.Plan, "a"), "{\"cohort\":");
        Assert.Null(SlideRecord.Read(cohort.Plan, "a", 0));
    }

    [Fact]
    public void Status_CountsWhatShardsDo()
    {
        using var cohort = Make("a", "b", "c", "d");
        new SlideRecord { Cohort = cohort.Plan.Id, Slide = "a", Round = 0, State = ItemState.Done, Attempts = 1, Seconds = 10 }.Write(cohort.Plan);
        new SlideRecord { Cohort = cohort.Plan.Id, Slide = "b", Round = 0, State = ItemState.Running, Attempts = 1, Holder = "node7 12 34 x" }.Write(cohort.Plan);
        new SlideRecord { Cohort = cohort.Plan.Id, Slide = "c", Round = 0, State = ItemState.Failed, Attempts = 1, Reason = "no slide" }.Write(cohort.Plan);
        var status = CohortStatus.Of(cohort);
        Assert.Equal(new LedgerCounts(1, 1, 1, 1), status.Counts);
        Assert.Equal(("b", "node7:12"), Assert.Single(status.Holders));
        Assert.Equal(("c", "no slide"), Assert.Single(status.Failures));
        Assert.Equal(10, status.SecondsPerSlide);
        Assert.Equal(360, status.SlidesPerHour);
        Assert.Equal(TimeSpan.FromSeconds(15), status.Remaining);
    }

    [Fact]
    public void Shard_TakesItsOpenSlidesOnly()
    {
        using var cohort = Make("a", "b", "c", "d");
        new SlideRecord { Cohort = cohort.Plan.Id, Slide = "a", Round = 0, State = ItemState.Done, Attempts = 1 }.Write(cohort.Plan);
        using var shard = ShardLedger.Create(cohort.Ledger.Address, new Shard(1, 2));
        Assert.Equal(["a", "c"], shard.Mine.Select(i => i.Slide.Name));
        Assert.Equal(1, shard.Waiting);
        using var own = WorkLedger.Open(shard.Address);
        Assert.Equal("c", own.Claim(Shard.All)!.Name);
        Assert.Equal(new LedgerCounts(1, 0, 1, 0), shard.Count());
    }

    [Fact]
    public void SlideTable_ReadsTablesFoldersAndSynthetic()
    {
        Directory.CreateDirectory(Path.Combine(folder, "deep", "er"));
        File.WriteAllText(Path.Combine(folder, "deep", "er", "x.SVS"), "x");
        File.WriteAllText(Path.Combine(folder, "deep", "notes.txt"), "x");
        File.WriteAllText(Path.Combine(folder, "list.csv"), "slide,mpp,patient,type\n\"a, b.svs\",0.5,P1,BRCA\nsynthetic:100x90,NA,,\n");
        var slides = SlideTable.Read([Path.Combine(folder, "list.csv"), Path.Combine(folder, "deep")], 0.25, "LUAD");
        Assert.Equal(
            [
                new CohortSlide("a, b", Path.Combine(folder, "a, b.svs"), 0.5, "P1", "BRCA"),
                new CohortSlide("synthetic-100x90", "synthetic:100x90", 0.25, "synthetic-100x90", "LUAD"),
                new CohortSlide("x", Path.Combine(folder, "deep", "er", "x.SVS"), 0.25, "x", "LUAD"),
            ],
            slides);
        File.WriteAllText(Path.Combine(folder, "bad.csv"), "slide,mpp\na.svs,25\n");
        Assert.Contains("line 2: mpp '25'", Assert.Throws<UsageException>(() => SlideTable.Read([Path.Combine(folder, "bad.csv")])).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Review_APersonsLastVerdictCounts()
    {
        using var cohort = Make("a", "b");
        while (cohort.Ledger.Claim(Shard.All) is { } lease)
            cohort.Ledger.Complete(lease, "{}", 1);
        CohortReview.Decide(cohort, "a", SlideVerdict.Bad, "Ada", ["blur"]);
        CohortReview.Decide(cohort, "a", SlideVerdict.Acceptable, "李", ["only at the edge"]);
        var reviews = CohortReview.Of(cohort);
        Assert.Equal((SlideVerdict.Acceptable, "李"), (reviews[0].Verdict!.Value, reviews[0].Reviewer));
        Assert.Equal(["only at the edge"], reviews[0].Reasons);
        Assert.False(reviews[0].Rejected);
        Assert.Null(reviews[1].Verdict);
        Assert.Equal(2, CohortReview.History(cohort, "a").Count);
        Assert.Throws<UsageException>(() => CohortReview.Decide(cohort, "a", SlideVerdict.Good, " ", []));
        Assert.Throws<UsageException>(() => CohortReview.Decide(cohort, "nobody", SlideVerdict.Good, "Ada", []));
    }

    private static CohortSlide Slide(string name) => new(name, $"/slides/{name}.svs", 0.25, name, "BRCA");

    private Cohort Make(params string[] names) => Cohort.Create(Path.Combine(folder, "cohort.db"), new CohortPlan { Output = Path.Combine(folder, "out"), Parts = ["tissue"] }, [.. names.Select(Slide)]);
}
