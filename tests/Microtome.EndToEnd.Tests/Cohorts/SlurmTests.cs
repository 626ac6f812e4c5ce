using System.Text.Json.Nodes;

namespace Microtome.EndToEnd.Tests;

/// <summary>Real job arrays on a real (one-node, throw-away) cluster, without any database server.</summary>
public sealed class SlurmTests(ThrowawaySlurm slurm) : IClassFixture<ThrowawaySlurm>
{
    [Fact]
    public void Array_WorksThroughTheCohort()
    {
        using var cohort = new CohortFolder();
        cohort.Table(5, broken: true);
        string[] one = cohort.Undisturbed();
        cohort.Create();
        string answer = slurm.Ask($"\"$MICROTOME\" cohort run '{cohort.Ledger}' --slurm --slurm-tasks 3 --slurm-partition main --slurm-time 10:00 --slurm-memory 500M --threads 1 --json");
        string job = (string)JsonNode.Parse(answer)!["job"]!;
        Assert.Matches("^[0-9]+$", job);
        ThrowawaySlurm.Until(() => (int)cohort.Status()["done"]! == 5 && (int)cohort.Status()["failed"]! == 1 && slurm.Ask("squeue -h").Trim().Length == 0, "the array", 120);
        Assert.Equal(one, cohort.Fingerprint());
        foreach (string record in Directory.EnumerateFiles(cohort.Output, "cohort-record.json", SearchOption.AllDirectories))
            Assert.StartsWith(job + "_", (string)JsonNode.Parse(File.ReadAllText(record))!["job"]!, StringComparison.Ordinal);
        Assert.Equal(3, Directory.GetFiles(cohort["cohort.slurm"], "slurm-*.log").Length);
    }

    [Theory]
    [InlineData("scontrol requeue")]
    [InlineData("scancel --batch --signal=USR1")]
    public void Task_ThatIsQueuedAgain_GoesOn(string disturbance)
    {
        using var cohort = new CohortFolder();
        cohort.Table(4, side: 1700);
        string[] one = cohort.Undisturbed("tissue,nuclei");
        cohort.Create("tissue,nuclei");
        string job = (string)JsonNode.Parse(slurm.Ask($"\"$MICROTOME\" cohort run '{cohort.Ledger}' --slurm --slurm-tasks 1 --threads 1 --json"))!["job"]!;
        ThrowawaySlurm.Until(() => (int)cohort.Status()["done"]! >= 1, "the first slide");
        slurm.Ask($"{disturbance} {job}_0");
        ThrowawaySlurm.Until(() => (int)cohort.Status()["done"]! == 4, "the rest", 120);
        Assert.Contains("Restarts=1", slurm.Ask($"scontrol show job {job}"), StringComparison.Ordinal);
        Assert.Equal(one, cohort.Fingerprint());
    }

    [Fact]
    public void Script_QuotesWhatItMust()
    {
        string script = Cohorts.SlurmArray.Script(["/a b/microtome", "cohort", "run", "it's.db", "--shard", "{task}/4", ""], "na me", "/x y/100%", new Cohorts.SlurmOptions { Tasks = 4, AtOnce = 2, Gpus = 1, Cores = 3 });
        Assert.Contains("command=('/a b/microtome' 'cohort' 'run' 'it'\\''s.db' '--shard' \"$task\"'/4' '')", script, StringComparison.Ordinal);
        Assert.Contains("#SBATCH --array=0-3%2\n", script, StringComparison.Ordinal);
        Assert.Contains("#SBATCH --output=\"/x y/100%%/slurm-%A_%a.log\"\n", script, StringComparison.Ordinal);
        Assert.Contains("#SBATCH --job-name=na_me\n", script, StringComparison.Ordinal);
        Assert.Contains("#SBATCH --gpus-per-task=1\n", script, StringComparison.Ordinal);
    }

    [Fact]
    public void Submit_ToAPartitionThatIsNone_SaysSlurmsReason()
    {
        using var cohort = new CohortFolder();
        cohort.Table(1);
        cohort.Create();
        string answer = slurm.Ask($"\"$MICROTOME\" cohort run '{cohort.Ledger}' --slurm --slurm-partition nowhere; echo code $?");
        Assert.Contains("sbatch refuses", answer, StringComparison.Ordinal);
        Assert.Contains("code 2", answer, StringComparison.Ordinal);
    }
}
