using System.Text.Json;
using System.Text.Json.Nodes;

namespace Microtome.EndToEnd.Tests;

public class ModelsTests
{
    private static string Nuclei { get; } = Path.Combine(MicrotomeProgram.Root, "models", "nuclei");

    [Fact]
    public void List_Json_NamesTheNucleusModel_WithTheSizeOfItsFile()
    {
        var outcome = MicrotomeProgram.Run("models", "list", "--json");

        Assert.Equal(0, outcome.ExitCode);
        using var answer = JsonDocument.Parse(outcome.Out);
        var model = answer.RootElement.GetProperty("models").EnumerateArray().Single(m => m.GetProperty("name").GetString() == "nuclei");
        Assert.Equal("nuclei", model.GetProperty("task").GetString());
        Assert.Equal(new FileInfo(Path.Combine(Nuclei, "model.safetensors")).Length, model.GetProperty("size").GetInt64());
        Assert.False(string.IsNullOrEmpty(model.GetProperty("licence").GetString()));
    }

    [Fact]
    public void Show_PrintsTheCard()
    {
        var outcome = MicrotomeProgram.Run("models", "show", "nuclei");

        Assert.Equal(0, outcome.ExitCode);
        Assert.Equal(File.ReadAllText(Path.Combine(Nuclei, "MODEL_CARD.md")).Trim(), outcome.Out.Trim());
    }

    [Fact]
    public void Check_OfTheShippedModel_Holds()
    {
        var outcome = MicrotomeProgram.Run("models", "check", "nuclei");

        Assert.True(outcome.ExitCode == 0, outcome.Error);
    }

    [Fact]
    public void Check_OfChangedWeights_IsRefused_Exit3()
    {
        using var folder = new TemporaryFolder();
        foreach (var file in Directory.EnumerateFiles(Nuclei))
            File.Copy(file, folder[Path.GetFileName(file)]);
        var weights = File.ReadAllBytes(folder["model.safetensors"]);

        // The exponents of some hundred numbers in the middle of the data.
        for (var i = 0; i < 400; i += 4)
            weights[(weights.Length / 8 * 4) + i + 3] ^= 0x41;
        File.WriteAllBytes(folder["model.safetensors"], weights);

        var outcome = MicrotomeProgram.Run("models", "check", folder.FullPath);

        Assert.Equal(3, outcome.ExitCode);
        Assert.Contains("self-test", outcome.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void Check_OfAnUnknownName_ListsTheKnown_Exit3()
    {
        var outcome = MicrotomeProgram.Run("models", "check", "nucleus");

        Assert.Equal(3, outcome.ExitCode);
        Assert.Contains("'nucleus'", outcome.Error, StringComparison.Ordinal);
        Assert.Contains("nuclei", outcome.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void Import_OfAZooFolder_IsListed_Shown_Checked()
    {
        using var folder = new TemporaryFolder();
        var zoo = ZooFolder(folder, "convolutions3", 3);

        var outcome = Run(folder, "models", "import", zoo, "--name", "mine", "--task", "til", "--positive-class", "B", "--threshold", "0.25");
        Assert.True(outcome.ExitCode == 0, outcome.Error);

        using (var answer = JsonDocument.Parse(Run(folder, "models", "list", "--json").Out))
        {
            var models = answer.RootElement.GetProperty("models").EnumerateArray().ToList();
            Assert.Contains(models, static m => m.GetProperty("name").GetString() == "nuclei");
            var mine = models.Single(static m => m.GetProperty("name").GetString() == "mine");
            Assert.Equal(("til", "B", 0.25, "softmax"), (mine.GetProperty("task").GetString(), mine.GetProperty("positive_class").GetString(), mine.GetProperty("threshold").GetDouble(), mine.GetProperty("activation").GetString()));
            Assert.True(mine.GetProperty("self_test").GetBoolean());
        }

        var shown = Run(folder, "models", "show", "mine");
        Assert.Contains("# A zoo model", shown.Out, StringComparison.Ordinal);
        Assert.Contains("\"patch_size_pixels\": 100", shown.Out, StringComparison.Ordinal);
        Assert.DoesNotContain('\u001b', shown.Out);

        var check = Run(folder, "models", "check", "mine");
        Assert.True(check.ExitCode == 0, check.Error);

        var again = Run(folder, "models", "import", zoo, "--name", "mine");
        Assert.Equal(3, again.ExitCode);
        Assert.Contains("--force", again.Error, StringComparison.Ordinal);

        var shipped = Run(folder, "models", "import", zoo, "--name", "nuclei", "--force");
        Assert.Equal(3, shipped.ExitCode);
        Assert.Contains("'nuclei'", shipped.Error, StringComparison.Ordinal);

        var notes = JsonNode.Parse(File.ReadAllText(folder["home/mine/microtome.json"]))!;
        notes["self_test"]!["values"]![7] = notes["self_test"]!["values"]![7]!.GetValue<double>() + 0.01;
        File.WriteAllText(folder["home/mine/microtome.json"], notes.ToJsonString());
        var changed = Run(folder, "models", "check", "mine");
        Assert.Equal(3, changed.ExitCode);
        Assert.Contains("self-test differs by 0.01", changed.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("\"num_classes\": 2", "\"num_classes\": 3", "class_names")]
    [InlineData("\"size\": 32", "\"size\": 64", "64 x 64")]
    [InlineData("\"name\": \"ToTensor\"", "\"name\": \"../../x\"", "transform[1].name")]
    public void Import_OfAWrongFolder_NamesTheField_Exit3(string from, string to, string named)
    {
        using var folder = new TemporaryFolder();
        var zoo = ZooFolder(folder, from.Contains("size", StringComparison.Ordinal) ? "onebyone2" : "mean2", 2);
        if (from.Contains("size", StringComparison.Ordinal))
            File.Copy(Fixture("othersize2.pt"), Path.Combine(zoo, "torchscript_model.pt"), overwrite: true);
        var config = Path.Combine(zoo, "config.json");
        File.WriteAllText(config, File.ReadAllText(config).Replace(from, to, StringComparison.Ordinal));

        var outcome = Run(folder, "models", "import", zoo);

        Assert.Equal(3, outcome.ExitCode);
        Assert.Contains(named, outcome.Error, StringComparison.Ordinal);
        Assert.False(Directory.Exists(folder["home"]));
    }

    private static string Fixture(string name) => Path.Combine(MicrotomeProgram.Root, "tests", "Microtome.Learning.Tests", "Models", "Patches", "Fixtures", name);

    private static Outcome Run(TemporaryFolder folder, params string[] arguments) =>
        MicrotomeProgram.Shell("MICROTOME_MODELS=\"$1\" \"$MICROTOME\" \"${@:2}\"", [folder["home"], .. arguments]);

    private static string ZooFolder(TemporaryFolder folder, string script, int classes)
    {
        var zoo = folder["zoo"];
        Directory.CreateDirectory(zoo);
        File.Copy(Fixture(script + ".pt"), Path.Combine(zoo, "torchscript_model.pt"));
        File.WriteAllText(Path.Combine(zoo, "README.md"), "# A zoo model\n\u001b[31mred\n");
        var names = string.Join(", ", new[] { "\"A\"", "\"B\"", "\"C\"" }.Take(classes));
        File.WriteAllText(Path.Combine(zoo, "config.json"), $$$"""
            {"spec_version": "1.0", "architecture": "tiny", "num_classes": {{{classes}}}, "patch_size_pixels": 100, "spacing_um_px": 0.5, "class_names": [{{{names}}}],
             "transform": [{"name": "Resize", "arguments": {"size": 32}}, {"name": "ToTensor"}, {"name": "Normalize", "arguments": {"mean": [0.7, 0.5, 0.6], "std": [0.1, 0.1, 0.1]}}]}
            """);
        return zoo;
    }
}
