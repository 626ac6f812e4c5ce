using System.Text.Json;

namespace Microtome.Imaging.Tests.Stain;

/// <summary>Against scikit-image and short numpy programs on a crop of the sample slide (generate.py beside this file).</summary>
public class StainGoldenTests
{
    private static readonly JsonElement Golden = JsonDocument.Parse(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "Stain", "golden.json"))).RootElement;

    [Fact]
    public void Separate_RecordedCrop_EqualsScikitImage()
    {
        var image = Crop();
        var (first, second) = new ColorDeconvolution(StainVectors.HematoxylinEosin).Separate(image);
        var expected = Numbers(Golden.GetProperty("hed"));
        for (var i = 0; i < expected.Length / 2; i++)
        {
            // scikit-image cuts negative amounts off.
            Assert.Equal(expected[2 * i], Math.Max(0, first.Samples[i]), 1e-4);
            Assert.Equal(expected[(2 * i) + 1], Math.Max(0, second.Samples[i]), 1e-4);
        }
    }

    [Fact]
    public void Macenko_RecordedCrop_EqualsNumpy()
    {
        var expected = Golden.GetProperty("macenko");
        var profile = StainEstimator.Estimate(StainMethod.Macenko, Crop().Pixels);
        Assert.Null(profile.Reason);
        Assert.Equal(Golden.GetProperty("stained").GetInt32(), profile.StainedPixels);
        for (var stain = 0; stain < 2; stain++)
        {
            AssertClose(Numbers(expected.GetProperty("vectors")[stain]), profile.Vectors[stain], 1e-6);
            Assert.Equal(expected.GetProperty("strongest")[stain].GetDouble(), profile.MaxAmounts[stain], 1e-5);
        }

        AssertImage(expected.GetProperty("image"), profile);
    }

    [Fact]
    public void Reinhard_RecordedCrop_EqualsNumpy()
    {
        var expected = Golden.GetProperty("reinhard");
        var profile = StainEstimator.Estimate(StainMethod.Reinhard, Crop().Pixels);
        AssertClose(Numbers(expected.GetProperty("means")), profile.LabMeans, 1e-9);
        AssertClose(Numbers(expected.GetProperty("deviations")), profile.LabDeviations, 1e-9);
        AssertImage(expected.GetProperty("image"), profile);
    }

    [Fact]
    public void Vahadane_RecordedPixels_ReachesTheBestCostOfManyRandomStarts()
    {
        var expected = Golden.GetProperty("vahadane");
        var pixels = Numbers(expected.GetProperty("pixels"));
        var vectors = SparseFactorization.Estimate(pixels, StainVectors.HematoxylinEosin)!;
        Assert.InRange(Cost(pixels, vectors), 0, expected.GetProperty("cost").GetDouble() * 1.001);
        Assert.Equal(Cost(pixels, new StainVectors(Numbers(expected.GetProperty("vectors")[0]), Numbers(expected.GetProperty("vectors")[1]))), expected.GetProperty("cost").GetDouble(), 1e-3);
    }

    [Fact]
    public void Intensities_RecordedCrop_AreMeansUnderTheLabels()
    {
        var image = Crop();
        var labels = new Raster<int>(image.Width, image.Height);
        for (var i = 0; i < labels.Samples.Length; i++)
            labels.Samples[i] = i * 31 % 4;
        var deconvolution = new ColorDeconvolution(StainVectors.HematoxylinEosin);
        var (first, second) = deconvolution.Separate(image);
        var all = StainIntensity.OfAll(deconvolution, image, labels, 4);
        for (var label = 0; label < 4; label++)
        {
            var under = Enumerable.Range(0, labels.Samples.Length).Where(i => labels.Samples[i] == label).ToArray();
            var mean = under.Average(i => (double)first.Samples[i]);
            Assert.Equal(mean, all[label].First, 9);
            Assert.Equal(under.Average(i => (double)second.Samples[i]), all[label].Second, 9);
            Assert.Equal(Math.Sqrt(under.Average(i => Math.Pow(first.Samples[i] - mean, 2))), all[label].FirstDeviation, 6);
            Assert.Equal(all[label], StainIntensity.Of(deconvolution, image, labels, label, PixelBox.Of(labels)));
        }

        Assert.Equal(default, all[4]);
    }

    private static double Cost(double[] pixels, StainVectors vectors)
    {
        double[] a = [.. vectors.First], b = [.. vectors.Second];
        var c = a.Zip(b, (x, y) => x * y).Sum();
        double cost = 0;
        for (var p = 0; p < pixels.Length; p += 3)
        {
            var v = pixels.AsSpan(p, 3);
            var (h0, h1) = SparseFactorization.Amounts(
                (v[0] * a[0]) + (v[1] * a[1]) + (v[2] * a[2]) - SparseFactorization.Lambda, (v[0] * b[0]) + (v[1] * b[1]) + (v[2] * b[2]) - SparseFactorization.Lambda, c);
            for (var i = 0; i < 3; i++)
                cost += Math.Pow(v[i] - (h0 * a[i]) - (h1 * b[i]), 2) / 2;
            cost += SparseFactorization.Lambda * (h0 + h1);
        }

        return cost;
    }

    private static void AssertImage(JsonElement expected, StainProfile profile)
    {
        var image = Crop();
        new StainNormalizer(profile).Apply(image);
        var i = 0;
        foreach (var value in expected.EnumerateArray())
            Assert.InRange(image.Pixels[i++], value.GetDouble() - 0.75, value.GetDouble() + 0.75);
    }

    private static void AssertClose(double[] expected, double[] actual, double tolerance)
    {
        Assert.Equal(expected.Length, actual.Length);
        for (var i = 0; i < expected.Length; i++)
            Assert.Equal(expected[i], actual[i], tolerance);
    }

    private static RgbImage Crop()
    {
        var image = new RgbImage(Golden.GetProperty("width").GetInt32(), Golden.GetProperty("height").GetInt32());
        Golden.GetProperty("rgb").GetBytesFromBase64().CopyTo(image.Pixels, 0);
        return image;
    }

    private static double[] Numbers(JsonElement array) => [.. array.EnumerateArray().Select(v => v.GetDouble())];
}
