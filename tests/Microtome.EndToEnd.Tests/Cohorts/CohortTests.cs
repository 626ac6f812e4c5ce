using Microtome.Ledger;

namespace Microtome.EndToEnd.Tests;

public sealed class CohortTests
{
    [Fact]
    public void Run_FourWorkers_GiveWhatOneGives_AndABadSlideIsARow()
    {
        using var cohort = new CohortFolder();
        cohort.Table(7, broken: true);
        string[] one = cohort.Undisturbed("tissue,nuclei");
        cohort.Create("tissue,nuclei");
        var outcome = MicrotomeProgram.Run("cohort", "run", cohort.Ledger, "--workers", "4");
        Assert.Equal(4, outcome.ExitCode);
        Assert.Contains("1 of 8 slides failed", outcome.Error, StringComparison.Ordinal);
        Assert.Equal(one, cohort.Fingerprint());
        var items = cohort.Items();
        Assert.Equal(7, items.Count(i => i is { State: ItemState.Done, Attempts: 1 }));
        Assert.Contains("cannot be opened", items.Single(i => i.State == ItemState.Failed).Reason!, StringComparison.Ordinal);
        var status = cohort.Status();
        Assert.Equal((7, 1, 0), ((int)status["done"]!, (int)status["failed"]!, (int)status["running"]!));
        Assert.Equal("broken", (string)status["failures"]![0]!["slide"]!);

        // Again: nothing is left, so nothing is done.
        Assert.Equal(4, MicrotomeProgram.Run("cohort", "run", cohort.Ledger).ExitCode);
        Assert.All(cohort.Items().Where(i => i.State == ItemState.Done), i => Assert.Equal(1, i.Attempts));
    }

    [Fact]
    public void Slide_ThatDisappears_FailsWithItsReason_AndRetryBringsItBack()
    {
        using var cohort = new CohortFolder();
        File.Copy(MicrotomeProgram.Sample, cohort["gone.svs"]);
        File.WriteAllLines(cohort["slides.csv"], ["slide,mpp", "gone.svs,NA", "synthetic:700x700?tissue=0.5,0.5"]);
        cohort.Create();
        File.Move(cohort["gone.svs"], cohort["elsewhere.svs"]);
        Assert.Equal(4, MicrotomeProgram.Run("cohort", "run", cohort.Ledger).ExitCode);
        Assert.Contains("gone.svs does not exist", (string)cohort.Status()["failures"]![0]!["reason"]!, StringComparison.Ordinal);
        File.Move(cohort["elsewhere.svs"], cohort["gone.svs"]);
        CohortFolder.Succeeds("cohort", "retry", cohort.Ledger);
        CohortFolder.Succeeds("cohort", "run", cohort.Ledger);
        Assert.All(cohort.Items(), i => Assert.Equal(ItemState.Done, i.State));
    }

    [Fact]
    public void Add_WhileAndAfter_IsTakenUp_AndNamesMustDiffer()
    {
        using var cohort = new CohortFolder();
        cohort.Table(2);
        cohort.Create();
        CohortFolder.Succeeds("cohort", "run", cohort.Ledger);
        CohortFolder.Succeeds("cohort", "add", cohort.Ledger, "synthetic:800x800?tissue=0.5", cohort["slides.csv"]);
        CohortFolder.Succeeds("cohort", "run", cohort.Ledger);
        Assert.Equal(3, cohort.Items().Count(i => i.State == ItemState.Done));
        Directory.CreateDirectory(cohort["a"]);
        Directory.CreateDirectory(cohort["b"]);
        File.WriteAllText(cohort["a", "one.svs"], string.Empty);
        File.WriteAllText(cohort["b", "one.svs"], string.Empty);
        var outcome = MicrotomeProgram.Run("cohort", "add", cohort.Ledger, cohort["a"], cohort["b"]);
        Assert.Equal(2, outcome.ExitCode);
        Assert.Contains("Two slides have the name one", outcome.Error, StringComparison.Ordinal);
        Assert.Equal(3, cohort.Items().Count);
    }

    [Fact]
    public void Shards_WithoutOpeningTheLedger_TogetherDoAll()
    {
        using var cohort = new CohortFolder();
        cohort.Table(5, broken: true);
        string[] one = cohort.Undisturbed();
        cohort.Create();
        byte[] before = File.ReadAllBytes(cohort.Ledger);
        File.Move(cohort.Ledger, cohort["away.db"]);
        foreach (string shard in (string[])["0/3", "1/3", "2/3"])
            Assert.True(MicrotomeProgram.Run("cohort", "run", cohort.Ledger, "--shard", shard).ExitCode is 0 or 4, shard);
        Assert.False(File.Exists(cohort.Ledger));
        Assert.Equal(before, File.ReadAllBytes(cohort["away.db"]));
        File.Move(cohort["away.db"], cohort.Ledger);
        var status = cohort.Status();
        Assert.Equal((5, 1, 0), ((int)status["done"]!, (int)status["failed"]!, (int)status["waiting"]!));
        Assert.Equal(one, cohort.Fingerprint());
        CohortFolder.Succeeds("cohort", "retry", cohort.Ledger);
        Assert.Equal(1, (int)cohort.Status()["waiting"]!);
        Assert.Equal(3, cohort.Items().Find(i => i.Name == "broken")!.Id);
        File.Copy(MicrotomeProgram.Sample, cohort["broken.svs"], overwrite: true);
        CohortFolder.Succeeds("cohort", "run", cohort.Ledger, "--shard", "0/3");
        Assert.Equal(6, (int)cohort.Status()["done"]!);
    }

    [Theory]
    [InlineData("cohort create {0} x.svs", "--output is missing")]
    [InlineData("cohort run {0}", "no such ledger")]
    [InlineData("cohort run {0} --shard 3/3", "--shard '3/3'")]
    [InlineData("cohort run {0} --shard 0/3", "no such plan")]
    [InlineData("cohort run {0} --workers 0", "--workers 0")]
    [InlineData("cohort run {0} --lease 0", "--lease 0")]
    [InlineData("cohort run {0} --slurm --shard 0/2", "leave out --shard")]
    [InlineData("cohort run {0} --slurm", "no such ledger")]
    [InlineData("cohort status postgres://nobody@127.0.0.1:9/none", "does not answer")]
    [InlineData("cohort create {0} -o out --only nuclei,brains", "brains")]
    [InlineData("cohort create {0} -o out --max-attempts 0", "--max-attempts 0")]
    [InlineData("cohort create {0} -o out /", "holds no slide")]
    [InlineData("cohort work", "started by 'microtome cohort run'")]
    public void WrongUsage_IsExplained(string line, string says)
    {
        if (line.EndsWith(" /", StringComparison.Ordinal))
            line = line[..^1] + Path.Combine(MicrotomeProgram.Root, "eng");
        using var folder = new TemporaryFolder();
        var outcome = MicrotomeProgram.Shell("cd \"$1\" && shift && \"$MICROTOME\" \"$@\"", [folder.FullPath, .. line.Split(' ').Select(w => w == "{0}" ? folder["c.db"] : w)]);
        Assert.True(outcome.ExitCode is 2 or 3, outcome.Error);
        Assert.Contains(says, outcome.Error, StringComparison.Ordinal);
        Assert.InRange(outcome.ErrorLines.Length, 1, 2);
    }
}
