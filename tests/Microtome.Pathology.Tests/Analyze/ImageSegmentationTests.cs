using Microtome.Imaging;

namespace Microtome.Pathology.Tests;

public sealed class ImageSegmentationTests
{
    private static (Raster<int> Labels, IReadOnlyList<Nucleus> Nuclei) Run(string address)
    {
        using var slide = Slide.Open(address);
        using var network = new ColourNetwork(new ColourNetwork.Counter());
        return new ImageSegmentation(ColourNetwork.Model(), network, 2).Run(slide, null, CancellationToken.None);
    }

    [Fact]
    public void Run_AtTheNetworksScale_LabelsAreTheNuclei()
    {
        var (labels, nuclei) = Run("synthetic:1500x1100?tissue=1");
        Assert.Equal((1500, 1100), (labels.Width, labels.Height));
        int[] area = new int[nuclei.Count + 1];
        foreach (int label in labels.Samples)
            area[label]++;
        for (int i = 0; i < nuclei.Count; i++)
        {
            // Those that the picture cuts have their mirror image outside.
            var (left, top, right, bottom) = nuclei[i].Polygon.Bounds;
            if (left > 1 && top > 1 && right < 1499 && bottom < 1099)
                Assert.Equal(nuclei[i].AreaPixels, area[i + 1]);
            else
                Assert.InRange(area[i + 1], 1, nuclei[i].AreaPixels);
            Assert.Equal(i + 1, labels[(int)nuclei[i].Centroid.X, (int)nuclei[i].Centroid.Y]);
        }

        using var slide = SyntheticSlide.Parse("synthetic:1500x1100?tissue=1");
        var truth = slide.NucleiIn(slide.Bounds()).Where(n => !slide.Marks.Any(m => Math.Abs(m.X - n.Centre.X) < 20 && Math.Abs(m.Y - n.Centre.Y) < 20)).ToList();
        Assert.True(truth.Count > 500);
        Assert.All(truth, n => Assert.NotEqual(0, labels[(int)n.Centre.X, (int)n.Centre.Y]));
        Assert.Equal(truth.Count, truth.Select(n => labels[(int)n.Centre.X, (int)n.Centre.Y]).Distinct().Count());
    }

    [Fact]
    public void Run_AtHalfTheScale_LabelsLieAtTheSamePlaces()
    {
        var (labels, nuclei) = Run("synthetic:700x500?tissue=1&mpp=0.5");
        using var slide = SyntheticSlide.Parse("synthetic:700x500?tissue=1&mpp=0.5");
        Assert.Equal((700, 500), (labels.Width, labels.Height));
        Assert.True(nuclei.Count > 300);
        var truth = slide.NucleiIn(slide.Bounds()).ToList();
        foreach (var (centre, radius) in truth)
        {
            // Enlarged, neighbours less than a few pixels apart run into one, and marks cut.
            if (slide.Marks.Any(m => Math.Abs(m.X - centre.X) < 20 && Math.Abs(m.Y - centre.Y) < 20)
                || truth.Count(n => Math.Sqrt(Math.Pow(n.Centre.X - centre.X, 2) + Math.Pow(n.Centre.Y - centre.Y, 2)) < n.Radius + radius + 4) > 1
                || centre.X < 12 || centre.Y < 12 || centre.X > 688 || centre.Y > 488)
                continue;
            int label = labels[(int)centre.X, (int)centre.Y];
            Assert.NotEqual(0, label);
            Assert.Equal(Math.PI * radius * radius * 0.25, nuclei[label - 1].AreaUm2, 2 * Math.PI * radius * 0.25);
        }
    }

    [Fact]
    public void Run_WithoutPixelSize_NamesTheOption()
    {
        string path = Path.Combine(Path.GetTempPath(), $"plain-{Guid.NewGuid():N}.png");
        ImageFile.WritePng(path, new RgbImage(64, 64));
        try
        {
            var error = Assert.Throws<SlideException>(() => Run(path));
            Assert.Contains("--mpp", error.Message, StringComparison.Ordinal);
        }
        finally
        {
            File.Delete(path);
        }
    }
}
