using System.Text.Json;

namespace Microtome.EndToEnd.Tests;

public class BenchServeTests
{
    [Fact]
    public void Serve_WithoutPython_AnswersEveryRequestAndLeavesNoHandle()
    {
        var outcome = MicrotomeProgram.Run("bench", "serve", "--alone", "--rounds", "1", "--nuclei", "3000", "--pan", "300", "--json");

        Assert.True(outcome.ExitCode == 0, outcome.Error);
        using var json = JsonDocument.Parse(outcome.Out);
        var rows = json.RootElement.EnumerateArray().ToDictionary(static row => row.GetProperty("name").GetString()!, static row => row.GetProperty("value").GetDouble());
        foreach (var name in (string[])["serve_tile_p50", "serve_tiles", "serve_tiles_again", "serve_stored_tiles", "serve_nuclei_first_objects", "serve_nuclei_tile_p50", "serve_pan_p95", "serve_pan_memory"])
            Assert.True(rows[name] > 0, name);
        Assert.Equal((0, 0, 300), (rows["serve_tile_errors"], rows["serve_pan_errors"], rows["serve_pan_requests"]));
        Assert.True(rows["serve_nuclei_tile_bytes"] < 256 * 1024);
    }

    [Theory]
    [InlineData("--clients", "0")]
    [InlineData("--rounds", "0")]
    [InlineData("--nuclei", "-1")]
    [InlineData("--pan", "-1")]
    public void Serve_WrongUsage_SaysWhat(string option, string value)
    {
        var outcome = MicrotomeProgram.Run("bench", "serve", option, value);

        Assert.Equal(2, outcome.ExitCode);
        Assert.Contains($"{option} {value}", outcome.Error, StringComparison.Ordinal);
    }
}
