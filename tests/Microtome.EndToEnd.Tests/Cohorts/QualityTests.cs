using System.Text.Json;

namespace Microtome.EndToEnd.Tests;

public class QualityTests
{
    private static readonly string[] s_slides = ["synthetic:1700x1500?tissue=0.6", "synthetic:1710x1500?tissue=0.6"];

    [Fact]
    public void BothLevels_OfAnOutputFolder_FromAnalyzeToTheTable()
    {
        using var folder = new TemporaryFolder();
        var analysed = MicrotomeProgram.Run(["analyze", .. s_slides, "--only", "tissue,nuclei", "-o", folder["out"]]);
        Assert.True(analysed.ExitCode == 0, analysed.Error);
        File.WriteAllText(folder["slides.csv"], "slide,patient,type\nsynthetic-1700x1500,P1,BRCA\nsynthetic-1710x1500,P2,BRCA\n");

        var quality = MicrotomeProgram.Run("cohort", "quality", folder["out"], "--slides", folder["slides.csv"], "-o", folder["quality.csv"], "--json");
        Assert.True(quality.ExitCode == 0, quality.Error);
        using (var json = JsonDocument.Parse(quality.Out))
        {
            Assert.Equal(2, json.RootElement.GetProperty("slides").GetArrayLength());
            Assert.Equal("BRCA", json.RootElement.GetProperty("types")[0].GetProperty("type").GetString());
        }

        Assert.StartsWith("slide,patient,type,verdict,reviewer,score,", File.ReadAllText(folder["quality.csv"]), StringComparison.Ordinal);

        string[] sample = ["cohort", "patches", "sample", folder["out"], "--slides", folder["slides.csv"], "--per-type", "6", "--seed", "3", "-o"];
        var whole = MicrotomeProgram.Run([.. sample, folder["whole"]]);
        Assert.True(whole.ExitCode == 0, whole.Error);
        Assert.Equal(3, MicrotomeProgram.Run("cohort", "patches", "score", folder["whole"]).ExitCode);

        // Killed at random moments, and then run to the end: the same files.
        var random = new Random(11);
        for (int i = 0; i < 5; i++)
        {
            var process = MicrotomeProgram.StartProgram([.. sample, folder["killed"]]);
            Thread.Sleep(random.Next(50, 900));
            process.Kill();
            MicrotomeProgram.Wait(process);
        }

        Assert.Equal(0, MicrotomeProgram.Run([.. sample, folder["killed"]]).ExitCode);
        Assert.Equal(TemporaryFolder.Fingerprint(folder["whole"]), TemporaryFolder.Fingerprint(folder["killed"]));

        foreach (int id in (int[])[1, 2, 3])
            File.Copy(folder["whole", $"{id}_predicted_mask.png"], folder["whole", $"{id}_labeled_mask_corrected.png"]);
        var scored = MicrotomeProgram.Run("cohort", "patches", "score", folder["whole"], "--verdicts", folder["quality.csv"], "-o", folder["levels.csv"]);
        Assert.True(scored.ExitCode == 0, scored.Error);
        string[] lines = File.ReadAllLines(folder["levels.csv"]);
        Assert.Equal("slide,type,verdict,reviewer,n_patches,dice,aji,det_f1", lines[0]);
        Assert.Equal(3, lines.Skip(1).Sum(static l => int.Parse(l.Split(',')[4], System.Globalization.CultureInfo.InvariantCulture)));
        Assert.All(lines.Skip(1), static l => Assert.Contains(",automatic,", l, StringComparison.Ordinal));

        // A slide without measurements is told, the other is judged.
        File.Delete(folder["out", "synthetic-1700x1500", "quality.json"]);
        var partial = MicrotomeProgram.Run("cohort", "quality", folder["out"]);
        Assert.Equal(4, partial.ExitCode);
        Assert.Contains("synthetic-1700x1500", partial.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void WrongUsage_SaysWhatToDo()
    {
        using var folder = new TemporaryFolder();
        var nowhere = MicrotomeProgram.Run("cohort", "quality", folder["nowhere"]);
        Assert.Equal(3, nowhere.ExitCode);
        Assert.Contains("nowhere", nowhere.Error, StringComparison.Ordinal);
        var few = MicrotomeProgram.Run("cohort", "patches", "sample", folder["nowhere"], "--per-type", "0", "-o", folder["x"]);
        Assert.Equal(2, few.ExitCode);
        Assert.Contains("--per-type '0'", few.Error, StringComparison.Ordinal);
        Assert.Equal(2, MicrotomeProgram.Run("cohort", "patches", "score", folder["nowhere"], "--border", "half").ExitCode);
    }
}
