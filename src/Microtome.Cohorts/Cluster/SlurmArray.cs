using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using Microtome.Imaging;

namespace Microtome.Cohorts;

/// <summary>Writes the script of a Slurm job array that works through a cohort, and submits it.</summary>
public static partial class SlurmArray
{
    /// <summary>
    /// The script. Each task runs the command with its own shard; 90 seconds before its time is over it gives its slide back and queues itself again, and Slurm queues it again when its
    /// node fails.
    /// </summary>
    /// <param name="command">Program and arguments; <c>{task}</c> in them becomes the number of the task.</param>
    /// <param name="name">Name of the job.</param>
    /// <param name="logs">Folder of the tasks' output.</param>
    /// <param name="options">What is asked of Slurm.</param>
    public static string Script(IReadOnlyList<string> command, string name, string logs, SlurmOptions options)
    {
        var text = new StringBuilder("#!/bin/bash\n");
        void Ask(string what) => text.Append("#SBATCH ").Append(what).Append('\n');
        Ask("--job-name=" + Name(name));
        Ask(string.Create(CultureInfo.InvariantCulture, $"--array=0-{options.Tasks - 1}{(options.AtOnce is { } most ? $"%{most}" : string.Empty)}"));
        Ask("--requeue");
        Ask("--open-mode=append");
        Ask("--signal=B:USR1@90");
        Ask($"--output=\"{Escape(logs)}/slurm-%A_%a.log\"");
        Ask(string.Create(CultureInfo.InvariantCulture, $"--cpus-per-task={options.Cores}"));
        if (options.Partition is { } partition)
            Ask("--partition=" + Plain("--slurm-partition", partition));
        if (options.Account is { } account)
            Ask("--account=" + Plain("--slurm-account", account));
        if (options.Time is { } time)
            Ask("--time=" + Plain("--slurm-time", time));
        if (options.Memory is { } memory)
            Ask("--mem=" + Plain("--slurm-memory", memory));
        if (options.Gpus > 0)
            Ask(string.Create(CultureInfo.InvariantCulture, $"--gpus-per-task={options.Gpus}"));
        text.Append("# Written by 'microtome cohort run --slurm'. May be submitted again at any time with sbatch: what is done stays done.\n");
        text.Append("set -u\n");
        text.Append("task=$SLURM_ARRAY_TASK_ID\n");
        text.Append("command=(");
        text.AppendJoin(' ', command.Select(Quote));
        text.Append(")\n");
        text.Append("""
            again=0
            "${command[@]}" &
            child=$!
            trap 'again=1; kill -TERM "$child" 2>/dev/null' USR1
            trap 'kill -TERM "$child" 2>/dev/null' TERM
            # wait returns early when a signal comes.
            while wait "$child"; code=$?; kill -0 "$child" 2>/dev/null; do :; done
            wait "$child"
            code=$?
            if [ "$again" = 1 ] && [ "$code" = 130 ] && [ "${SLURM_RESTART_COUNT:-0}" -lt 1000 ]; then
                scontrol requeue "${SLURM_ARRAY_JOB_ID}_${task}" && exit 0
            fi
            exit "$code"

            """.ReplaceLineEndings("\n"));
        return text.ToString();
    }

    /// <summary>Submits a script.</summary>
    /// <returns>The number of the job.</returns>
    /// <exception cref="UsageException">There is no Slurm here, or it refuses.</exception>
    public static string Submit(string script)
    {
        var start = new ProcessStartInfo("sbatch") { UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true };
        start.ArgumentList.Add("--parsable");
        start.ArgumentList.Add(script);
        try
        {
            using var process = Process.Start(start)!;
            var errors = process.StandardError.ReadToEndAsync();
            string answer = process.StandardOutput.ReadToEnd().Trim();
            process.WaitForExit();
            return process.ExitCode == 0
                ? answer.Split(';')[0]
                : throw new UsageException($"sbatch refuses {script}: {errors.GetAwaiter().GetResult().Trim().ReplaceLineEndings(" ")}");
        }
        catch (Win32Exception e)
        {
            throw new UsageException($"There is no sbatch on this machine, so {script} was written but not submitted. Submit it where Slurm is: sbatch {script}", e);
        }
    }

    private static string Name(string name) => NotPlain().Replace(name, "_");

    private static string Plain(string option, string value) => NotPlain().IsMatch(value) ? throw new UsageException($"{option} '{value}': letters, digits and _ . : , - only.") : value;

    // sbatch reads the rest of the line, with quotes; % begins its own patterns.
    private static string Escape(string path) => path.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal).Replace("%", "%%", StringComparison.Ordinal);

    private static string Quote(string word) => word.Contains("{task}", StringComparison.Ordinal)
        ? string.Join("\"$task\"", word.Split("{task}").Select(Single))
        : word.Length == 0 ? "''" : Single(word);

    private static string Single(string word) => word.Length == 0 ? string.Empty : "'" + word.Replace("'", "'\\''", StringComparison.Ordinal) + "'";

    [GeneratedRegex(@"[^A-Za-z0-9_.:,\-]", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex NotPlain();
}
