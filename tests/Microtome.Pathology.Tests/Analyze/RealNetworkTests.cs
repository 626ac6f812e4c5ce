using System.Text.Json.Nodes;
using Microtome.Imaging;
using Microtome.Learning;
using Microtome.Learning.Models;
using Microtome.Networks;

namespace Microtome.Pathology.Tests;

/// <summary>The walk with the shipped network: what the test double shows exactly holds for floating point too, since maps are quantised and windows do not depend on the tiles.</summary>
public sealed class RealNetworkTests : IDisposable
{
    private readonly string root = Directory.CreateTempSubdirectory("network").FullName;

    public void Dispose() => Directory.Delete(root, true);

    private (string Hash, string[] Nuclei) Run(int tile, int threads, int networkHalo = 64)
    {
        string output = Path.Combine(root, $"{tile}-{threads}-{networkHalo}");
        var settings = new AnalysisSettings { Output = output, TileSize = tile, Threads = threads, BlockSize = 384, NetworkHalo = networkHalo };
        using (var analysis = new SlideAnalysis(settings, NucleusModels.Open("nuclei", "cpu", threads, workers: threads), new SilentLog()))
            analysis.Run(new SlideInput("synthetic:1000x800?tissue=0.6"), CancellationToken.None);
        string file = Directory.GetFiles(output, "nuclei.gpkg", SearchOption.AllDirectories).Single();
        return (InputFingerprint.Sha256(file), [.. NucleusGeoPackageReader.Read(file)
            .Select(n => $"{n.Centroid} {n.AreaUm2:R} {n.Probability:R} {string.Join(' ', n.Polygon.Exterior.Select(v => $"{v.X:R},{v.Y:R}"))}").Order(StringComparer.Ordinal)]);
    }

    [Fact]
    public void Run_OtherTilesAndThreads_FindsTheSameNuclei()
    {
        var truth = Run(256, 2);
        Assert.True(truth.Nuclei.Length > 50);
        Assert.Equal(truth.Hash, Run(256, 1).Hash);
        Assert.Equal(truth.Nuclei, Run(512, 2).Nuclei);
        Assert.Equal(truth.Nuclei, Run(300, 1).Nuclei);
    }

    [Fact]
    public void Run_LargerHalo_ChangesAlmostNothing()
    {
        int usual = Run(512, 2).Nuclei.Length, large = Run(512, 2, 128).Nuclei.Length;
        Assert.InRange(usual, large * 0.99, large * 1.01);
    }

    [Theory]
    [InlineData("encoder.0.0", null, "models quantize")]
    [InlineData("head", "[1]", "head")]
    [InlineData("head", "[5, -5]", "head")]
    public void Open_DamagedRanges_NamesThem(string name, string? value, string expected)
    {
        Assert.SkipUnless(QuantizedUNet.IsSupported, "This processor has no VNNI.");
        var source = ModelFolder.Find("nuclei");
        string copy = Path.Combine(root, "model");
        Directory.CreateDirectory(copy);
        File.Copy(source.Weights, Path.Combine(copy, Path.GetFileName(source.Weights)));
        var config = JsonNode.Parse(File.ReadAllText(source.Config))!;
        var ranges = config["activations"]!.AsObject();
        ranges.Remove(name);
        if (value is not null)
            ranges[name] = JsonNode.Parse(value);
        File.WriteAllText(Path.Combine(copy, Path.GetFileName(source.Config)), config.ToJsonString());

        var error = Assert.Throws<ModelException>(() => NucleusNetwork.Open(copy, precision: NetworkPrecision.Int8).Dispose());
        Assert.Contains(expected, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Predict_EightBits_FindsWhatFloat32Finds()
    {
        Assert.SkipUnless(QuantizedUNet.IsSupported, "This processor has no VNNI.");
        var picture = new RgbImage(512, 512);
        using (var slide = Slide.Open("synthetic:2000x2000?tissue=0.9"))
            slide.ReadRegion(new LevelRect(0, 700, 700, 512, 512), picture);
        var labels = new[] { NetworkPrecision.Float32, NetworkPrecision.Int8 }.Select(precision =>
        {
            using var network = NucleusNetwork.Open("nuclei", precision: precision);
            return new NucleusFieldSegmenter(network, network.Postprocessing).Segment(picture);
        }).ToArray();
        var scores = NucleusMetrics.Evaluate(labels[0], labels[1]);
        Assert.True(scores.TruthObjects > 30, $"{scores.TruthObjects} nuclei");
        Assert.InRange(scores.Dice, 0.97, 1);
        Assert.InRange(scores.Aji, 0.9, 1);
    }
}
