using System.Diagnostics;
using System.Globalization;
using System.Text.Json.Nodes;
using Microtome.Cli;
using Microtome.Ledger;

namespace Microtome.EndToEnd.Tests;

/// <summary>Afterwards every slide is done exactly once or reported, and the files equal those of an undisturbed run.</summary>
public sealed class CohortFaultTests
{
    [Fact]
    public void Kill9_OfARandomWorker_TwentyTimes()
    {
        using var cohort = new CohortFolder();
        cohort.Table(10, broken: true, side: 1400);
        string[] one = cohort.Undisturbed("tissue,nuclei");
        cohort.Create("tissue,nuclei", "--max-attempts", "100");
        var random = new Random(7);
        int kills = 0, runs = 0;
        while (kills < 20)
        {
            Assert.True(++runs < 10, "the work was done before twenty workers could be killed");
            if (runs > 1)
                CohortFolder.Succeeds(["cohort", "retry", cohort.Ledger, .. cohort.Items().Where(i => i.State == ItemState.Done).Take(5).Select(i => i.Name)]);
            var run = MicrotomeProgram.StartProgram("cohort", "run", cohort.Ledger, "--workers", "3");
            while (!run.HasExited && kills < 20)
            {
                Thread.Sleep(random.Next(200, 900));
                var workers = CohortFolder.Workers(run);
                if (workers.Count > 0 && Signals.Kill(workers[random.Next(workers.Count)], 9) == 0)
                    kills++;
            }

            Assert.Equal(4, MicrotomeProgram.Wait(run).ExitCode);
        }

        Assert.Equal(10, cohort.Items().Count(i => i.State == ItemState.Done));
        Assert.Contains(cohort.Items(), i => i.Attempts > 1);
        Assert.Equal(one, cohort.Fingerprint());
    }

    [Fact]
    public void Kill9_OfTheRun_TakesItsWorkersWithIt_AndTheNextGoesOn()
    {
        using var cohort = new CohortFolder();
        cohort.Table(4, side: 1500);
        string[] one = cohort.Undisturbed("tissue,nuclei");
        cohort.Create("tissue,nuclei");
        var run = MicrotomeProgram.StartProgram("cohort", "run", cohort.Ledger, "--workers", "2");
        ThrowawaySlurm.Until(() => cohort.Items().Exists(i => i.State == ItemState.Running), "a slide begins");
        var workers = CohortFolder.Workers(run);
        Assert.NotEmpty(workers);
        run.Kill();
        MicrotomeProgram.Wait(run);
        ThrowawaySlurm.Until(() => !workers.Exists(w => Directory.Exists($"/proc/{w}")), "orphaned workers leave");
        CohortFolder.Succeeds("cohort", "run", cohort.Ledger, "--workers", "2");
        Assert.Equal(one, cohort.Fingerprint());
        Assert.All(cohort.Items(), i => Assert.Equal(ItemState.Done, i.State));
    }

    [Fact]
    public void Kill9_OfTheDatabaseServer_AndItsRestart()
    {
        using var server = new ThrowawayPostgres();
        string address = server.Fresh();
        using var cohort = new CohortFolder();
        string table = cohort.Table(8, broken: true, side: 1200);
        string[] one = cohort.Undisturbed("tissue,nuclei");
        var made = MicrotomeProgram.Run("cohort", "create", address.Replace("tester@", "tester:secret@", StringComparison.Ordinal), table, "-o", cohort.Output, "--only", "tissue,nuclei");
        Assert.True(made.ExitCode == 0, made.Error);
        Assert.DoesNotContain("secret", made.Out + made.Error, StringComparison.Ordinal);
        var run = MicrotomeProgram.StartProgram("cohort", "run", address, "--workers", "2", "--lease", "3");
        try
        {
            for (int kills = 0; kills < 2; kills++)
            {
                ThrowawaySlurm.Until(() => cohort.Items(address).Count(i => i.State == ItemState.Done) > kills, "a slide is done");
                server.Kill();
                Thread.Sleep(1500);
                server.Start();
            }
        }
        catch
        {
            run.Kill(entireProcessTree: true);
            throw;
        }

        Assert.Equal(4, MicrotomeProgram.Wait(run).ExitCode);
        var items = cohort.Items(address);
        Assert.Equal(8, items.Count(i => i.State == ItemState.Done));
        Assert.Equal("broken", items.Single(i => i.State == ItemState.Failed).Name);
        Assert.Equal(one, cohort.Fingerprint());
    }

    [Fact]
    public void FullDisk_StopsWithTheReason_AndTheNextRunGoesOn()
    {
        using var cohort = new CohortFolder();
        cohort.Table(3, side: 1500);
        string[] one = cohort.Undisturbed("tissue,nuclei");
        cohort.Create("tissue,nuclei");

        // No file may pass 300 KB: the ledger fits, the nuclei do not.
        var outcome = MicrotomeProgram.Shell("ulimit -f 300; export DOTNET_EnableWriteXorExecute=0; \"$MICROTOME\" cohort run \"$1\"", cohort.Ledger);
        Assert.Equal(3, outcome.ExitCode);
        Assert.Contains("No space", outcome.Error, StringComparison.Ordinal);
        Assert.All(cohort.Items(), i => Assert.NotEqual(ItemState.Failed, i.State));
        CohortFolder.Succeeds("cohort", "run", cohort.Ledger);
        Assert.Equal(one, cohort.Fingerprint());
        Assert.All(cohort.Items(), i => Assert.Equal((ItemState.Done, 1), (i.State, i.Attempts)));
    }

    [Fact]
    public void TwoSchedulers_OnOneLedgerOrOnOneShard_DoNothingTwice()
    {
        using var cohort = new CohortFolder();
        cohort.Table(6, broken: true);
        string[] one = cohort.Undisturbed();
        cohort.Create();
        var both = new[] { MicrotomeProgram.StartProgram("cohort", "run", cohort.Ledger, "--workers", "2"), MicrotomeProgram.StartProgram("cohort", "run", cohort.Ledger, "--workers", "2") };
        foreach (var run in both)
            Assert.Equal(4, MicrotomeProgram.Wait(run).ExitCode);
        Assert.All(cohort.Items(), i => Assert.Equal(1, i.Attempts));
        Assert.Equal(one, cohort.Fingerprint());

        // The same slides by records: both see all of them.
        CohortFolder.Succeeds("cohort", "create", cohort["second.db"], cohort["slides.csv"], "-o", cohort["second"], "--only", "tissue");
        both = [MicrotomeProgram.StartProgram("cohort", "run", cohort["second.db"], "--shard", "0/1", "--lease", "3"), MicrotomeProgram.StartProgram("cohort", "run", cohort["second.db"], "--shard", "0/1", "--lease", "3")];
        foreach (var run in both)
            Assert.Equal(4, MicrotomeProgram.Wait(run).ExitCode);
        Assert.Equal(one, TemporaryFolder.Fingerprint(cohort["second"], CohortFolder.Particular));
        Assert.Equal(6, (int)cohort.Status(cohort["second.db"])["done"]!);
    }

    [Fact]
    public async Task ClockJumps_MoveNoLease()
    {
        using var cohort = new CohortFolder();
        cohort.Table(6, side: 1300);
        string[] one = cohort.Undisturbed("tissue,nuclei");
        cohort.Create("tissue,nuclei");
        using var shim = new TemporaryFolder(); // LD_PRELOAD takes a space for the end of a name
        File.WriteAllText(shim["shift.c"], """
            #define _GNU_SOURCE
            #include <dlfcn.h>
            #include <stdio.h>
            #include <stdlib.h>
            #include <time.h>
            int clock_gettime(clockid_t id, struct timespec *t)
            {
                static int (*real)(clockid_t, struct timespec *);
                if (!real)
                    real = dlsym(RTLD_NEXT, "clock_gettime");
                int code = real(id, t);
                const char *path = getenv("SHIFT");
                FILE *f = code == 0 && id == CLOCK_REALTIME && path ? fopen(path, "r") : 0;
                long seconds = 0;
                if (f)
                {
                    if (fscanf(f, "%ld", &seconds) == 1)
                        t->tv_sec += seconds;
                    fclose(f);
                }
                return code;
            }
            """);
        Assert.Equal(0, MicrotomeProgram.Shell("gcc -shared -fPIC -O1 -o \"$1\" \"$2\" -ldl", shim["shift.so"], shim["shift.c"]).ExitCode);
        File.WriteAllText(cohort["shift"], "0");
        var run = Task.Run(() => MicrotomeProgram.Shell("export LD_PRELOAD=\"$1\" SHIFT=\"$2\"; exec \"$MICROTOME\" cohort run \"$3\" --workers 2 --lease 2", shim["shift.so"], cohort["shift"], cohort.Ledger));
        int next = 0;
        string[] jumps = ["86400", "-86400", "31536000", "-3600"];
        while (!run.IsCompleted)
        {
            await Task.Delay(700);
            File.WriteAllText(cohort["shift.new"], jumps[next++ % jumps.Length]);
            File.Move(cohort["shift.new"], cohort["shift"], overwrite: true);
        }

        var outcome = await run;
        Assert.True(outcome.ExitCode == 0, outcome.Error);
        var years = Directory.EnumerateFiles(cohort.Output, "provenance.json", SearchOption.AllDirectories).Select(f => DateTime.Parse((string)JsonNode.Parse(File.ReadAllText(f))!["started_utc"]!, CultureInfo.InvariantCulture)).ToList();
        Assert.Contains(years, t => Math.Abs((t.ToUniversalTime() - DateTime.UtcNow).TotalMinutes) > 30);
        Assert.All(cohort.Items(), i => Assert.Equal((ItemState.Done, 1), (i.State, i.Attempts)));
        Assert.Equal(one, cohort.Fingerprint());
    }
}
