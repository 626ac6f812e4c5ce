using System.Globalization;
using System.Text.Json;

namespace Microtome.EndToEnd.Tests;

public class PatchMapTests
{
    [Fact]
    public void Til_OfTheBundledSlide_WritesTableAndPicture_TheSameForAnyThreadsAndBatch()
    {
        using var folder = new TemporaryFolder("maps 地图 ");

        var outcome = MicrotomeProgram.Run("til", MicrotomeProgram.Sample, "--geojson", "-o", folder["out"], "--json");
        Assert.True(outcome.ExitCode == 0, outcome.Error);
        Assert.Equal(0, MicrotomeProgram.Run("til", MicrotomeProgram.Sample, "--threads", "1", "--batch-size", "3", "-o", folder["one"]).ExitCode);

        string name = Path.GetFileNameWithoutExtension(MicrotomeProgram.Sample);
        var lines = File.ReadAllLines(folder["out", name + ".csv"]);
        Assert.Equal("minx,miny,width,height,prob_Other,prob_Lymphocytes", lines[0]);
        using var summary = JsonDocument.Parse(outcome.Out);
        Assert.Equal(lines.Length - 1, summary.RootElement.GetProperty("til_patches").GetInt32());
        // 0.499 um per pixel: 100 px are 50 um.
        Assert.All(lines.Skip(1), static l => Assert.Equal(["100", "100"], l.Split(',')[2..4]));
        Assert.Contains("breast cancer only", outcome.Out, StringComparison.Ordinal);
        Assert.Equal(lines, File.ReadAllLines(folder["one", name + ".csv"]));
        Assert.Equal(File.ReadAllBytes(folder["out", name + ".png"]), File.ReadAllBytes(folder["one", name + ".png"]));
        using var objects = JsonDocument.Parse(File.ReadAllText(folder["out", name + ".geojson"]));
        Assert.Equal(lines.Length - 1, objects.RootElement.GetProperty("features").GetArrayLength());
    }

    [Fact]
    public void Tumor_IntoTheFolderOfTil_IsRefused_Exit2()
    {
        using var folder = new TemporaryFolder();
        Assert.Equal(0, MicrotomeProgram.Run("til", "synthetic:1500x1200", "-o", folder["out"]).ExitCode);

        var outcome = MicrotomeProgram.Run("tumor", "synthetic:1500x1200", "-o", folder["out"]);

        Assert.Equal(2, outcome.ExitCode);
        Assert.Contains("Give another folder", outcome.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void Til_WithAModelForTumor_IsRefused_AndNamesIt_Exit3()
    {
        using var folder = new TemporaryFolder();

        var outcome = MicrotomeProgram.Run("til", "synthetic:1500x1200", "--model", "tumor", "-o", folder["out"]);

        Assert.Equal(3, outcome.ExitCode);
        Assert.Contains("was made for 'tumor', not for 'til'", outcome.Error, StringComparison.Ordinal);
        Assert.False(Directory.Exists(folder["out"]));
    }

    [Theory]
    [InlineData("{", "not JSON")]
    [InlineData("{\"spec_version\":\"2.0\"}", "spec_version")]
    public void Til_WithADamagedModel_NamesTheField_Exit3(string config, string word)
    {
        using var folder = new TemporaryFolder();
        Directory.CreateDirectory(folder["model"]);
        File.WriteAllText(folder["model", "config.json"], config);
        File.WriteAllBytes(folder["model", "model.safetensors"], [1, 2, 3]);

        var outcome = MicrotomeProgram.Run("til", "synthetic:1500x1200", "--model", folder["model"], "-o", folder["out"]);

        Assert.Equal(3, outcome.ExitCode);
        Assert.Contains(word, outcome.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", outcome.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void Til_WithChangedWeights_FailsItsSelfTest_AndWritesNoTable()
    {
        using var folder = new TemporaryFolder();
        Directory.CreateDirectory(folder["model"]);
        foreach (var file in (string[])["config.json", "microtome.json", "model.safetensors"])
            File.Copy(Path.Combine(MicrotomeProgram.Root, "models", "til", file), folder["model", file]);
        // A few weights in the middle of the file.
        using (var weights = File.OpenWrite(folder["model", "model.safetensors"]))
        {
            weights.Position = weights.Length / 2;
            for (var i = 0; i < 4000; i++)
                weights.Write(BitConverter.GetBytes(1.5f));
        }

        var outcome = MicrotomeProgram.Run("til", MicrotomeProgram.Sample, "--model", folder["model"], "-o", folder["out"]);

        Assert.Equal(3, outcome.ExitCode);
        Assert.Contains("self-test", outcome.Error, StringComparison.Ordinal);
        Assert.Empty(Directory.EnumerateFiles(folder["out"], "*.csv", SearchOption.AllDirectories));
    }

    [Fact]
    public void Analyze_OnlyTilAndTumor_CombinesThem_AndAlignSaysTheSame()
    {
        using var folder = new TemporaryFolder();
        string name = Path.GetFileNameWithoutExtension(MicrotomeProgram.Sample);

        var outcome = MicrotomeProgram.Run("analyze", MicrotomeProgram.Sample, "--only", "til,tumor", "-o", folder["out"], "--json");
        Assert.True(outcome.ExitCode == 0, outcome.Error);
        using var summary = JsonDocument.Parse(outcome.Out);
        string Cut(string task) => summary.RootElement.GetProperty(task + "_threshold").GetRawText();
        var align = MicrotomeProgram.Run("til", "align", "--tumor", folder["out", name, "tumor.csv"], "--til", folder["out", name, "til.csv"], "--tumor-threshold", Cut("tumor"), "--til-threshold", Cut("til"), "--json");

        Assert.True(align.ExitCode == 0, align.Error);
        using var aligned = JsonDocument.Parse(align.Out);
        var (ours, theirs) = (summary.RootElement.GetProperty("til_fraction_in_tumor"), aligned.RootElement.GetProperty("percent_pos"));
        if (theirs.ValueKind == JsonValueKind.Number)
            Assert.Equal(theirs.GetDouble(), ours.GetDouble(), 5);
        else
            Assert.Equal(JsonValueKind.Null, ours.ValueKind);
        Assert.False(File.Exists(folder["out", name, "nuclei.gpkg"]));
        foreach (var file in (string[])["tumor-til.png", "tumor-til-map.png", "report.html"])
            Assert.True(new FileInfo(folder["out", name, file]).Length > 0, file);
        Assert.Equal(0, MicrotomeProgram.Run("til", "stats", folder["out", name, "tumor-til-map.png"]).ExitCode);
    }

    [Theory]
    [InlineData("--threshold", "1.5")]
    [InlineData("--threshold", "0")]
    [InlineData("--batch-size", "0")]
    [InlineData("--model", "nuclei")]
    [InlineData("--model", "nosuch")]
    public void Til_WrongOption_IsExplained(string option, string value)
    {
        using var folder = new TemporaryFolder();

        var outcome = MicrotomeProgram.Run("til", "synthetic:1500x1200", option, value, "-o", folder["out"]);

        Assert.InRange(outcome.ExitCode, 2, 3);
        Assert.Contains(value == "0" || value == "1.5" ? value : "model", outcome.Error, StringComparison.Ordinal);
        Assert.InRange(outcome.ErrorLines.Length, 1, 3);
    }

    /// <summary>
    /// Zoo folders with a tiny TorchScript network (mean colour to logits): two classes and one, 0.499 and 0.2325 um per pixel, against what the Python loop of WSInfer
    /// (bench/peers/classify_wsinfer.py with openslide, Pillow and torch) answers on the same patches.
    /// </summary>
    [Theory]
    [InlineData("til", null)]
    [InlineData("tumor", "0.2325")]
    public void ZooModel_DroppedIn_AnswersAsThePythonLoop(string noun, string? mpp)
    {
        using var folder = new TemporaryFolder();
        string zoo = Path.Combine(MicrotomeProgram.Root, "samples", "zoo", noun);
        string[] arguments = [noun, MicrotomeProgram.Sample, "--model", zoo, "--geojson", "-o", folder["out"]];

        var outcome = MicrotomeProgram.Run(mpp is null ? arguments : [.. arguments, "--mpp", mpp]);

        Assert.True(outcome.ExitCode == 0, outcome.Error);
        string name = Path.GetFileNameWithoutExtension(MicrotomeProgram.Sample);
        string[] ours = File.ReadAllLines(folder["out", name + ".csv"]), theirs = File.ReadAllLines(Path.Combine(zoo, "expected.csv"));
        Assert.Equal(theirs[0], ours[0]);
        Assert.Equal(theirs.Length, ours.Length);
        int compared = 0;
        for (var i = 1; i < ours.Length; i++)
        {
            string[] own = ours[i].Split(','), golden = theirs[i].Split(',');
            Assert.Equal(golden[..4], own[..4]);
            // Over the border OpenSlide in Python reads black, we read glass.
            if (int.Parse(own[1], CultureInfo.InvariantCulture) + int.Parse(own[3], CultureInfo.InvariantCulture) > 2967)
                continue;
            compared++;
            for (var k = 4; k < own.Length; k++)
                Assert.Equal(double.Parse(golden[k], CultureInfo.InvariantCulture), double.Parse(own[k], CultureInfo.InvariantCulture), 2e-6);
        }

        Assert.True(compared >= 14, $"{compared}");
        using var objects = JsonDocument.Parse(File.ReadAllText(folder["out", name + ".geojson"]));
        Assert.Equal(ours.Length - 1, objects.RootElement.GetProperty("features").GetArrayLength());
    }
}
