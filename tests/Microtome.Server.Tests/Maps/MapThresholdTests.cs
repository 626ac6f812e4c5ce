using System.Text.Json.Nodes;
using Microtome.Learning.Models;

namespace Microtome.Server.Tests;

public sealed class MapThresholdTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task Threshold_InTheSummary_GoesBeforeEverythingElse()
    {
        var (layer, warnings) = await TilOf(new JsonObject { ["til_threshold"] = 0.4 }, new JsonObject { ["til_model"] = new JsonObject { ["threshold"] = 0.3 } });

        Assert.Equal((0.4, true), ((double)layer["threshold"]!, (bool)layer["threshold_known"]!));
        Assert.DoesNotContain(warnings, w => w.StartsWith("Lymphocytes", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Threshold_OnlyInTheHeader_IsTaken()
    {
        var (layer, _) = await TilOf([], new JsonObject { ["til_model"] = new JsonObject { ["threshold"] = 0.3 } });

        Assert.Equal((0.3, true), ((double)layer["threshold"]!, (bool)layer["threshold_known"]!));
    }

    [Fact]
    public async Task Threshold_OnlyInTheStep_IsTaken()
    {
        var (layer, _) = await TilOf([], Steps(new JsonObject { ["threshold"] = 0.35 }));

        Assert.Equal((0.35, true), ((double)layer["threshold"]!, (bool)layer["threshold_known"]!));
    }

    [Fact]
    public async Task Threshold_OfTheModelThatMadeTheMap_IsTaken()
    {
        var model = PatchModel.Find("til");

        var (layer, _) = await TilOf([], Steps(new JsonObject { ["model"] = "til", ["weights_sha256"] = model.WeightsHash }));

        Assert.Equal((model.Threshold, true), ((double)layer["threshold"]!, (bool)layer["threshold_known"]!));
    }

    [Theory]
    [InlineData("til", "another hash")]
    [InlineData("no such model", "0")]
    public async Task Threshold_WhenTheModelIsNotTheSame_IsUnknownAndSaidSo(string model, string hash)
    {
        var (layer, warnings) = await TilOf([], Steps(new JsonObject { ["model"] = model, ["weights_sha256"] = hash }));

        Assert.Equal((0.5, false), ((double)layer["threshold"]!, (bool)layer["threshold_known"]!));
        Assert.Contains(warnings, w => w.StartsWith("Lymphocytes", StringComparison.Ordinal) && w.Contains("0.5 stands for it", StringComparison.Ordinal));
    }

    private static JsonObject Steps(JsonObject details) => new() { ["steps"] = new JsonObject { ["til"] = new JsonObject { ["details"] = details } } };

    private async Task<(JsonNode Layer, string[] Warnings)> TilOf(JsonObject summary, JsonObject provenance)
    {
        string results = SlideResults.Make(folder.Path, "a", maps: true, summary: summary);
        string path = Path.Combine(results, "provenance.json");
        var all = JsonNode.Parse(File.ReadAllText(path))!.AsObject();
        foreach (var (name, value) in provenance)
            all[name] = value?.DeepClone();
        File.WriteAllText(path, all.ToJsonString());
        await using var server = await RunningServer.StartAsync(new ServerOptions { Results = [folder.Path] });
        var detail = await server.JsonAsync("/api/slides/a");
        return (detail["maps"]!.AsArray().Single(m => (string?)m!["task"] == "til")!, [.. detail["warnings"]!.AsArray().Select(w => (string)w!)]);
    }
}
