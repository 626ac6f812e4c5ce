using Microtome.Learning.Models;
using Microtome.Networks;

namespace Microtome.Learning.Tests.Models;

public sealed class ModelConfigTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("microtome-models").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public void Read_WhatToJsonWrote_IsTheSame()
    {
        var config = Config();
        var path = Path.Combine(folder, "config.json");
        File.WriteAllText(path, config.ToJson());
        Assert.Equal(config.ToJson(), ModelConfig.Read(path).ToJson());
        Assert.Equal([16, 32], ModelConfig.Read(path).Network.Widths);
    }

    [Theory]
    [InlineData("{")]
    [InlineData("{\"name\":\"x\"}")]
    [InlineData("null")]
    public void Read_Malformed_SaysWhichFile(string text)
    {
        var path = Path.Combine(folder, "config.json");
        File.WriteAllText(path, text);
        Assert.Contains(path, Assert.Throws<ModelException>(() => ModelConfig.Read(path)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Find_UnknownName_ListsTheKnownOnes() =>
        Assert.Contains("There is no model 'no-such-model'", Assert.Throws<ModelException>(() => ModelFolder.Find("no-such-model")).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData(0.0005, true)]
    [InlineData(0.01, false)]
    public void LargestDifference_OfAnAnswer_DecidesTheSelfTest(double change, bool accepted)
    {
        var test = new ModelSelfTest([0.25, 0.5, 0.75], 1e-3);
        Assert.Equal(accepted, test.LargestDifference([0.25, 0.5 + change, 0.75]) <= test.Tolerance);
        Assert.Equal(double.PositiveInfinity, test.LargestDifference([0.25]));
        Assert.Equal(double.PositiveInfinity, test.LargestDifference([0.25, double.NaN, 0.75]));
    }

    private static ModelConfig Config() => new()
    {
        Name = "x",
        Task = "nuclei",
        Architecture = "unet",
        Network = new UNetOptions { Widths = [16, 32] },
        Mpp = 0.25,
        Outputs = ["foreground"],
        Licence = "CC0",
        SelfTest = new ModelSelfTest([0.1, 0.2], 1e-3),
    };
}
