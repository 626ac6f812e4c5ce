using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Microtome.EndToEnd.Tests;

/// <summary>A Slurm cluster of one node on loopback (munged, slurmctld, slurmd) in a temporary folder; it ends with the tests.</summary>
public sealed class ThrowawaySlurm : IDisposable
{
    private readonly TemporaryFolder folder = new("mtslurm");
    private readonly List<Process> daemons = [];

    public ThrowawaySlurm()
    {
        string host = File.ReadAllText("/proc/sys/kernel/hostname").Trim().Split('.')[0];
        foreach (string sub in (string[])["state", "spool", "munge"])
            Directory.CreateDirectory(folder[sub]);
        File.WriteAllBytes(folder["munge", "key"], System.Security.Cryptography.RandomNumberGenerator.GetBytes(1024));
        Shell($"chmod 755 '{folder.FullPath}' '{folder["munge"]}'; chmod 600 '{folder["munge", "key"]}'");
        File.WriteAllText(Configuration, string.Create(CultureInfo.InvariantCulture, $"""
            ClusterName=throwaway
            SlurmctldHost={host}(127.0.0.1)
            SlurmUser={Environment.UserName}
            SlurmdUser={Environment.UserName}
            SlurmctldPort={FreePort()}
            SlurmdPort={FreePort()}
            AuthType=auth/munge
            AuthInfo=socket={folder["munge", "socket"]},cred_expire=5
            CredType=cred/munge
            StateSaveLocation={folder["state"]}
            SlurmdSpoolDir={folder["spool"]}
            SlurmctldPidFile={folder["ctld.pid"]}
            SlurmdPidFile={folder["d.pid"]}
            ProctrackType=proctrack/linuxproc
            TaskPlugin=task/none
            SwitchType=switch/none
            MpiDefault=none
            ReturnToService=2
            SelectType=select/cons_tres
            SelectTypeParameters=CR_Core
            SchedulerParameters=batch_sched_delay=0,sched_interval=1
            KillWait=5
            SlurmdParameters=config_overrides
            NodeName={host} NodeAddr=127.0.0.1 CPUs=4 RealMemory=4000 State=UNKNOWN
            PartitionName=main Nodes={host} Default=YES MaxTime=INFINITE State=UP

            """));
        bool root = Environment.UserName == "root";
        if (root)
            Shell($"chown -R munge '{folder["munge"]}'");
        Daemon((root ? "setpriv --reuid=munge --regid=munge --clear-groups " : string.Empty)
            + $"munged --foreground --force --key-file='{folder["munge", "key"]}' --socket='{folder["munge", "socket"]}' --pid-file='{folder["munge", "pid"]}' --log-file='{folder["munge", "log"]}' --seed-file='{folder["munge", "seed"]}'");
        Until(() => File.Exists(folder["munge", "socket"]), "munged");
        Daemon($"slurmctld -D -f '{Configuration}'");
        Daemon($"slurmd -D -f '{Configuration}' -N {host}");
        Until(() => Ask("sinfo -h -o %T").Contains("idle", StringComparison.Ordinal), "slurmctld and slurmd");
    }

    public string Configuration => folder["slurm.conf"];

    public static void Until(Func<bool> holds, string what, int seconds = 60)
    {
        var watch = Stopwatch.StartNew();
        while (!holds())
        {
            if (watch.Elapsed.TotalSeconds > seconds)
                throw new TimeoutException($"{what}: nothing within {seconds} s.");
            Thread.Sleep(200);
        }
    }

    /// <summary>Runs a line in which the commands of Slurm find this cluster.</summary>
    public string Ask(string line)
    {
        var outcome = MicrotomeProgram.Shell($"export SLURM_CONF='{Configuration}'; {line}");
        return outcome.Out + outcome.Error;
    }

    /// <summary>What the daemons and tasks wrote, for a test that fails.</summary>
    public string Logs() => string.Join('\n', daemons.Select(d => d.StartInfo.ArgumentList[1] + " " + d.HasExited));

    public void Dispose()
    {
        Ask("scancel --full --state=RUNNING,PENDING --me 2>/dev/null");
        for (int i = daemons.Count - 1; i >= 0; i--)
        {
            _ = Signals.Kill(daemons[i].Id, 15);
            if (!daemons[i].WaitForExit(5000))
                daemons[i].Kill(entireProcessTree: true);
            daemons[i].Dispose();
        }

        folder.Dispose();
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    private static void Shell(string line)
    {
        var outcome = MicrotomeProgram.Shell(line);
        Assert.True(outcome.ExitCode == 0, outcome.Error);
    }

    private void Daemon(string line)
    {
        var start = new ProcessStartInfo("/bin/bash");
        start.ArgumentList.Add("-c");
        start.ArgumentList.Add($"exec {line} >>'{folder["log"]}' 2>&1 </dev/null");
        start.Environment["PATH"] = Environment.GetEnvironmentVariable("PATH") + ":/usr/sbin:/sbin";
        daemons.Add(Process.Start(start)!);
    }
}
