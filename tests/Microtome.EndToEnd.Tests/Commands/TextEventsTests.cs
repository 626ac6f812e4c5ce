using System.Text.Json;
using Microtome.Cli.Commands;
using Spectre.Console;

namespace Microtome.EndToEnd.Tests;

public class TextEventsTests
{
    private const string Lines = "{\"step\":10,\"loss\":4}\n{\"step\":20,\"loss\":2}\n{\"step\":20,\"held_out_loss\":2.5}\n{\"step\":30,\"loss\":3}\n";

    [Fact]
    public void Events_OfRunsInAFolder_AreAFileForEach()
    {
        using var folder = new TemporaryFolder();
        foreach (string run in (string[])["arms/MHA 4, 標-1", "arms/TH-1", "alone"])
        {
            Directory.CreateDirectory(folder["runs/" + run]);
            File.WriteAllText(folder[$"runs/{run}/metrics.jsonl"], Lines);
        }

        var outcome = MicrotomeProgram.Run("text", "events", folder["runs"], "-o", folder["events"], "--json");

        Assert.Equal(0, outcome.ExitCode);
        using var answer = JsonDocument.Parse(outcome.Out);
        var files = answer.RootElement.GetProperty("files").EnumerateArray().ToList();
        Assert.All(files, static f => Assert.Equal(4, f.GetProperty("numbers").GetInt32()));
        Assert.Equal(
            [folder["events/alone"], folder["events/arms/MHA 4, 標-1"], folder["events/arms/TH-1"]],
            files.Select(static f => Path.GetDirectoryName(f.GetProperty("file").GetString())!));
        var one = MicrotomeProgram.Run("text", "events", folder["runs/alone"], "-o", folder["one"]);
        Assert.Contains("4 numbers", one.Out, StringComparison.Ordinal);
        Assert.StartsWith("events.out.tfevents.", Path.GetFileName(Assert.Single(Directory.GetFiles(folder["one/alone"]))), StringComparison.Ordinal);
    }

    [Fact]
    public void Events_WithoutARun_SayWhatToName()
    {
        using var folder = new TemporaryFolder();
        Directory.CreateDirectory(folder["empty"]);
        var empty = MicrotomeProgram.Run("text", "events", folder["empty"]);
        Assert.Equal((2, true), (empty.ExitCode, empty.Error.Contains("there is no metrics.jsonl in it", StringComparison.Ordinal)));
        Assert.Equal(2, MicrotomeProgram.Run("text", "events", folder["nothing"]).ExitCode);
    }

    [Fact]
    public void LossCurve_OfARun_ShowsFirstNewestAndLowest()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder["metrics.jsonl"], Lines + "{\"step\":30,\"held_out_loss\":2.25}\ntorn");
        using var writer = new StringWriter();

        LossCurve.Print(folder.FullPath, AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(writer), Ansi = AnsiSupport.No }));

        string[] lines = writer.ToString().TrimEnd().Split('\n');
        Assert.Equal(2, lines.Length);
        Assert.Matches(@"^training loss +4 +█▁▅ +3 +lowest 2 at step 20", lines[0]);
        Assert.Matches(@"^held-out loss +2\.5 +█▁ +2\.25 +lowest 2\.25 at step 30", lines[1]);
        Assert.Equal("▁▁▁", LossCurve.Line([3, 3, 3], 10));
        Assert.Equal("▁█", LossCurve.Line([0, 2, 5, 3], 2));
    }
}
