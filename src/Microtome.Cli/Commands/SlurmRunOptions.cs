using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;
using Microtome.Cohorts;
using Microtome.Imaging;
using Microtome.Ledger;

namespace Microtome.Cli.Commands;

/// <summary>The options of <c>cohort run --slurm</c>.</summary>
internal sealed class SlurmRunOptions
{
    private readonly Option<bool> slurm = new("--slurm") { Description = "Write a Slurm job array beside the ledger and submit it." };
    private readonly Option<int> tasks = new("--slurm-tasks") { Description = "Tasks of the array, each with its shard.", HelpName = "N", DefaultValueFactory = static _ => 8 };
    private readonly Option<int?> atOnce = new("--slurm-at-once") { Description = "Tasks that may run at the same time.", HelpName = "N" };
    private readonly Option<string?> partition = new("--slurm-partition") { Description = "The partition.", HelpName = "NAME" };
    private readonly Option<string?> account = new("--slurm-account") { Description = "The account.", HelpName = "NAME" };
    private readonly Option<string?> time = new("--slurm-time") { Description = "Time limit of a task, as Slurm writes it (1-12:00:00). A task that meets it goes on in a new one.", HelpName = "T" };
    private readonly Option<string?> memory = new("--slurm-memory") { Description = "Memory of a task (4G).", HelpName = "M" };
    private readonly Option<int> gpus = new("--slurm-gpus") { Description = "GPUs of a task; use with --device cuda.", HelpName = "N" };
    private readonly Option<bool> writeOnly = new("--slurm-write-only") { Description = "Write the script, but do not submit it." };

    public void AddTo(Command command)
    {
        command.Options.Add(slurm);
        command.Options.Add(tasks);
        command.Options.Add(atOnce);
        command.Options.Add(partition);
        command.Options.Add(account);
        command.Options.Add(time);
        command.Options.Add(memory);
        command.Options.Add(gpus);
        command.Options.Add(writeOnly);
    }

    public bool Wanted(ParseResult result) => result.GetValue(slurm) || result.GetValue(writeOnly);

    public int Submit(ParseResult result, string address, int workers, CommonSettings common)
    {
        int count = result.GetValue(tasks);
        if (count is < 1 or > 100_000)
            throw new UsageException($"--slurm-tasks {count}: it must lie in 1 to 100000.");
        bool server = WorkLedger.IsServer(address);
        using var cohort = Cohort.Open(address);
        if (!server && !File.Exists(PlanFile.Beside(address)))
            throw new UsageException($"{PlanFile.Beside(address)} is missing. 'microtome cohort add' writes it.");
        string folder = server ? cohort.Plan.Output : Path.GetDirectoryName(Path.GetFullPath(address))!;
        string name = server ? "cohort" : Path.GetFileNameWithoutExtension(address);
        string logs = Path.Combine(folder, name + ".slurm");
        Directory.CreateDirectory(logs);
        string script = Path.Combine(logs, "array.sh");
        string threads = common.Threads.ToString(CultureInfo.InvariantCulture);
        List<string> command = [Environment.GetEnvironmentVariable("MICROTOME_LAUNCHER") is { Length: > 0 } launcher && File.Exists(launcher) ? launcher : Environment.ProcessPath!];
        if (Path.GetFileNameWithoutExtension(command[0]) == "dotnet")
            command.Add(Path.GetFullPath(Environment.GetCommandLineArgs()[0]));
        command.AddRange(["cohort", "run", server ? cohort.Ledger.Address : Path.GetFullPath(address), "--workers", workers.ToString(CultureInfo.InvariantCulture), "--threads", threads, "--device", common.Device]);
        // With a server the tasks share its items as they go; without one each has its fixed part.
        if (!server)
            command.AddRange(["--shard", string.Create(CultureInfo.InvariantCulture, $"{{task}}/{count}")]);
        var options = new SlurmOptions
        {
            Tasks = count,
            AtOnce = result.GetValue(atOnce),
            Partition = result.GetValue(partition),
            Account = result.GetValue(account),
            Time = result.GetValue(time),
            Memory = result.GetValue(memory),
            Gpus = result.GetValue(gpus),
            Cores = common.Threads,
        };
        AtomicFile.WriteAllText(script, SlurmArray.Script(command, "microtome-" + name, logs, options));
        string? job = result.GetValue(writeOnly) ? null : SlurmArray.Submit(script);
        if (common.Json)
            Answer.Json(new JsonObject { ["script"] = script, ["job"] = job, ["tasks"] = count });
        else
            Answer.Line(job is null ? $"wrote {script}; submit it with: sbatch {script}" : $"job {job}: {count} tasks; script and logs in {logs}\nNext: microtome cohort status {CohortOptions.Shown(address, cohort.Ledger)}");
        return ExitCode.Done;
    }
}
