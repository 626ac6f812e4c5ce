using System.Text.Json;

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
}
