using System.Diagnostics;

namespace Microtome.EndToEnd.Tests;

public class InterruptionTests
{
    [Fact]
    public void Kill9_AtRandomMoments_LeavesNoHalfFile_AndARerunGivesTheSameBytes()
    {
        using var folder = new TemporaryFolder();
        string[] Convert(string to) => ["slide", "convert", "synthetic:6000x6000", "-o", to];
        Assert.Equal(0, MicrotomeProgram.Run(Convert(folder["whole.tif"])).ExitCode);
        var clock = Stopwatch.StartNew();
        Assert.Equal(0, MicrotomeProgram.Run(Convert(folder["again.tif"])).ExitCode);
        var length = clock.Elapsed;
        var whole = File.ReadAllBytes(folder["whole.tif"]);
        Assert.Equal(whole, File.ReadAllBytes(folder["again.tif"]));

        var random = new Random(20);
        for (var i = 0; i < 6; i++)
        {
            var target = folder["killed.tif"];
            File.Delete(target);
            var process = MicrotomeProgram.StartProgram(Convert(target));
            Thread.Sleep(length * random.NextDouble());
            process.Kill();
            MicrotomeProgram.Wait(process);
            if (File.Exists(target))
                Assert.Equal(whole, File.ReadAllBytes(target));
            Assert.Equal(0, MicrotomeProgram.Run(Convert(target)).ExitCode);
            Assert.Equal(whole, File.ReadAllBytes(target));
        }
    }

    [Theory]
    [InlineData(2)]
    [InlineData(15)]
    public void Signal_EndsTheRunCleanly_Exit130(int signal)
    {
        using var folder = new TemporaryFolder();
        var process = MicrotomeProgram.StartProgram("slide", "convert", "synthetic:60000x60000", "-o", folder["out.tif"]);
        while (!process.HasExited && !Directory.EnumerateFiles(folder.FullPath).Any())
            Thread.Sleep(20);

        Assert.Equal(0, Signals.Kill(process.Id, signal));
        var outcome = MicrotomeProgram.Wait(process);

        Assert.Equal(130, outcome.ExitCode);
        Assert.Contains("Cancelled", outcome.Error, StringComparison.Ordinal);
        Assert.Empty(Directory.EnumerateFileSystemEntries(folder.FullPath));
    }

    [Fact]
    public void TwoRuns_OnOneOutput_BothEndWell_AndTheFileIsWhole()
    {
        using var folder = new TemporaryFolder();
        Assert.Equal(0, MicrotomeProgram.Run("slide", "convert", "synthetic:4000x4000", "-o", folder["whole.tif"]).ExitCode);

        var runs = Enumerable.Range(0, 2).Select(_ => MicrotomeProgram.StartProgram("slide", "convert", "synthetic:4000x4000", "-o", folder["shared.tif"])).ToList();
        var outcomes = runs.ConvertAll(MicrotomeProgram.Wait);

        Assert.All(outcomes, static o => Assert.Equal(0, o.ExitCode));
        Assert.Equal(File.ReadAllBytes(folder["whole.tif"]), File.ReadAllBytes(folder["shared.tif"]));
        Assert.Equal(2, Directory.EnumerateFileSystemEntries(folder.FullPath).Count());
    }
}
