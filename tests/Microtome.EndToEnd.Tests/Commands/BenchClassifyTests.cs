using System.Diagnostics;
using System.Text.Json;

namespace Microtome.EndToEnd.Tests;

public class BenchClassifyTests
{
    [Fact]
    public void Classify_WithoutPython_MeasuresOursAlone()
    {
        var outcome = MicrotomeProgram.Run("bench", "classify", "--architecture", "patchnet", "--patches", "8", "--rounds", "1", "--alone", "--json");

        Assert.True(outcome.ExitCode == 0, outcome.Error);
        using var rows = JsonDocument.Parse(outcome.Out);
        Assert.Equal(["classify_patchnet", "classify_patchnet_cpu", "classify_patchnet_opening"], rows.RootElement.EnumerateArray().Select(static row => row.GetProperty("name").GetString()));
        Assert.All(rows.RootElement.EnumerateArray(), static row =>
        {
            Assert.True(row.GetProperty("value").GetDouble() > 0);
            Assert.False(row.TryGetProperty("peer", out _));
        });
        Assert.Contains("8 patches", outcome.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void Classify_AgainstPython_GivesTheSameProbabilities()
    {
        Assert.SkipUnless(HasPeer(), "python3-torch, python3-openslide or python3-pil is not installed.");

        var outcome = MicrotomeProgram.Run("bench", "classify", "--architecture", "patchnet", "--patches", "8", "--rounds", "1", "--json");

        Assert.True(outcome.ExitCode == 0, outcome.Error);
        using var json = JsonDocument.Parse(outcome.Out);
        var rows = json.RootElement.EnumerateArray().ToDictionary(static row => row.GetProperty("name").GetString()!);
        Assert.True(rows["classify_patchnet_difference"].GetProperty("value").GetDouble() < 1e-3);
        foreach (var name in (string[])["classify_patchnet_torchscript", "classify_patchnet"])
        {
            Assert.True(rows[name].GetProperty("peer_value").GetDouble() > 0);
            Assert.Equal(1.3, rows[name].GetProperty("limit_value").GetDouble());
        }
    }

    [Theory]
    [InlineData("--architecture", "resnet99", "resnet99")]
    [InlineData("--architecture", ",", "patchnet, resnet34")]
    [InlineData("--patches", "0", "--patches 0")]
    public void Classify_WrongUsage_SaysWhat(string option, string value, string said)
    {
        var outcome = MicrotomeProgram.Run("bench", "classify", option, value, "--alone");

        Assert.Equal(2, outcome.ExitCode);
        Assert.Contains(said, outcome.Error, StringComparison.Ordinal);
    }

    // What the command itself asks for, with the same interpreter.
    private static bool HasPeer()
    {
        try
        {
            using var python = Process.Start(new ProcessStartInfo(File.Exists("/usr/bin/python3") ? "/usr/bin/python3" : "python3", ["-c", "import torch, openslide, PIL, numpy"]) { UseShellExecute = false, RedirectStandardError = true })!;
            python.StandardError.ReadToEnd();
            python.WaitForExit();
            return python.ExitCode == 0;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return false;
        }
    }
}
