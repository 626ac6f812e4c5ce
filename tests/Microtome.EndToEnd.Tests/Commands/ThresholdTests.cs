using System.Text.Json;
using Microtome.Imaging;

namespace Microtome.EndToEnd.Tests;

public class ThresholdTests
{
    [Fact]
    public void Train_FromTeacherMaps_GivesAModelThatIsScoredByGroup()
    {
        using var folder = new TemporaryFolder();
        Directory.CreateDirectory(folder["data"]);
        var map = new RgbImage(4, 4);
        for (int i = 0; i < 16; i++)
            map.Pixels[(3 * i) + (i % 4 == 0 ? 0 : 2)] = 255;
        ImageFile.WritePng(folder["data", "map.png"], map);
        var lines = new List<string> { "slide,map,group,patient,split,mpp" };
        foreach (var (slide, group, split) in ((string, string, string)[])[("a", "A", "train"), ("b", "B", "train"), ("v", "A", "validation"), ("t", "B", "test")])
        {
            var picture = new RgbImage(400, 400);
            new Random(slide[0]).NextBytes(picture.Pixels);
            ImageFile.WritePng(folder["data", slide + ".png"], picture);
            lines.Add($"{slide}.png,map.png,{group},p{slide},{split},0.5");
        }

        File.WriteAllLines(folder["data", "slides.csv"], lines);
        File.WriteAllText(folder["data", "sliders.csv"], "slide,lym_thr,nec_thr\na,0.6,0.9\n");
        string[] command =
        [
            "train", "classifier", "--task", "til", "--supervision", "thresholds", "--slides", folder["data", "slides.csv"], "--thresholds", folder["data", "sliders.csv"], "--labels", "semi", "--per-slide", "8",
            "--recipe", "til", "--steps", "2", "--batch", "4", "-o", folder["run"], "--json",
        ];

        var outcome = MicrotomeProgram.Run(command);

        Assert.True(outcome.ExitCode == 0, outcome.Error);
        Assert.Contains("0 labelled by hand, 16 by teacher maps) of 2 slides, 2 groups; none left out", outcome.Error, StringComparison.Ordinal);
        Assert.Contains("inherits their mistakes", outcome.Error, StringComparison.Ordinal);
        Assert.Equal(24, Directory.GetFiles(folder["run", "patches"]).Length);
        using (var notes = JsonDocument.Parse(File.ReadAllText(folder["run", "model", "microtome.json"])))
        {
            Assert.Equal("sigmoid", notes.RootElement.GetProperty("activation").GetString());
            Assert.InRange(notes.RootElement.GetProperty("threshold").GetDouble(), 0, 1);
        }

        // The same command finds the run finished; the files are its patches.
        Assert.Equal(0, MicrotomeProgram.Run(command).ExitCode);
        var scored = MicrotomeProgram.Run("evaluate", "classifier", folder["run", "model"], "--patches", folder["run", "patches"], "--slides", folder["data", "slides.csv"], "--split", "train", "--json");
        Assert.True(scored.ExitCode == 0, scored.Error);
        using var json = JsonDocument.Parse(scored.Out);
        Assert.Equal(16, json.RootElement.GetProperty("patches").GetInt32());
        Assert.Equal(["A", "B"], json.RootElement.GetProperty("groups").EnumerateArray().Select(static g => g.GetProperty("group").GetString()));
    }

    [Fact]
    public void Train_WithWhatIsMissing_SaysWhat()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder["slides.csv"], "slide,map,patient,split\n");

        var without = MicrotomeProgram.Run("train", "classifier", "--task", "til", "--supervision", "thresholds");
        Assert.Equal(2, without.ExitCode);
        Assert.Contains("needs --slides FILE, a CSV with the columns slide,map,group,patient,split", without.Error, StringComparison.Ordinal);

        var column = MicrotomeProgram.Run("train", "classifier", "--task", "til", "--supervision", "thresholds", "--slides", folder["slides.csv"], "-o", folder["run"]);
        Assert.Equal(3, column.ExitCode);
        Assert.Contains("has no column 'group'", column.Error, StringComparison.Ordinal);

        var manifest = MicrotomeProgram.Run("train", "classifier", "--task", "til");
        Assert.Equal(2, manifest.ExitCode);
        Assert.Contains("--manifest", manifest.Error, StringComparison.Ordinal);
    }
}
