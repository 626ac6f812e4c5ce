using System.Text.Json;
using Microtome.Imaging;

namespace Microtome.Pathology.Tests.TumorTil;

public sealed class FeatureMapTests : IDisposable
{
    private readonly string root = Directory.CreateTempSubdirectory("features ").FullName;

    public void Dispose() => Directory.Delete(root, recursive: true);

    [Fact]
    public void Write_ThreePixels_LeavesOutTheEmptyOne_AndKeepsPlaces()
    {
        // TIL at (1, 0), tumor at (0, 1), tissue with nothing at (1, 1), glass at (0, 0).
        var image = new RgbImage(2, 2);
        (image.Pixels[3], image.Pixels[5]) = (255, 253);
        (image.Pixels[7], image.Pixels[8]) = (51, 254);
        image.Pixels[11] = 255;
        ImageFile.WritePng(Path.Combine(root, "map.png"), image);
        var map = CombinedMap.Read(Path.Combine(root, "map.png"));

        FeatureMap.WriteFeatures(Path.Combine(root, "f.json"), map, 400, 390, (200, 195), "run");
        FeatureMap.WriteHeatmap(Path.Combine(root, "h.json"), map, "slide", (10, 20), (200, 195), (0.42, 0.5), "run");

        using var features = JsonDocument.Parse(File.ReadAllText(Path.Combine(root, "f.json")));
        var metadata = features.RootElement.GetProperty("metadata");
        Assert.Equal((400, 390, 2, 2, 200, 195), (metadata.GetProperty("img_width").GetInt32(), metadata.GetProperty("img_height").GetInt32(), metadata.GetProperty("png_w").GetInt32(), metadata.GetProperty("png_h").GetInt32(), metadata.GetProperty("patch_w").GetInt32(), metadata.GetProperty("patch_h").GetInt32()));
        var data = features.RootElement.GetProperty("data");
        int[] Of(string group, string name) => [.. data.GetProperty(group).GetProperty(name).EnumerateArray().Select(v => v.GetInt32())];
        Assert.Equal([1, 0, 1], Of("locations", "i"));
        Assert.Equal([0, 1, 1], Of("locations", "j"));
        Assert.Equal([255, 0, 0], Of("features", "TIL"));
        Assert.Equal([0, 51, 0], Of("features", "Cancer"));
        Assert.Equal([255, 255, 255], Of("features", "Tissue"));
        using var heatmap = JsonDocument.Parse(File.ReadAllText(Path.Combine(root, "h.json")));
        Assert.Equal(["210,20,1,0", "10,215,0,0.2"], heatmap.RootElement.GetProperty("data").EnumerateArray().Select(r => string.Join(',', r.EnumerateArray().Select(v => v.GetRawText()))));
        Assert.Equal(0.42, heatmap.RootElement.GetProperty("provenance").GetProperty("analysis").GetProperty("fields")[0].GetProperty("value")[0].GetDouble());
    }
}
