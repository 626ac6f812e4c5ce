using System.Text.Json;

namespace Microtome.Imaging.Tests.Shapes;

/// <summary>Against values recorded from scikit-image 0.19.3 and SciPy (generate.py beside this file).</summary>
public class ShapeGoldenTests
{
    private static readonly JsonElement Golden = JsonDocument.Parse(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "Shapes", "golden.json"))).RootElement;

    public static TheoryData<string> Regions => [.. Golden.GetProperty("regions").EnumerateArray().Select(r => r.GetProperty("name").GetString()!)];

    [Theory]
    [MemberData(nameof(Regions))]
    public void Measure_RecordedRegion_EqualsScikitImage(string name)
    {
        var expected = Golden.GetProperty("regions").EnumerateArray().Single(r => r.GetProperty("name").GetString() == name);
        var labels = Masks.AsLabels(Mask(expected.GetProperty("rows")), 3);
        var m = new ObjectMeasurer().Measure(labels, 3, ConnectedComponents.BoundingBoxes(labels, 3)[3]);
        double Value(string key) => expected.GetProperty(key).GetDouble();
        Assert.Equal(Value("area"), m.Area);
        Assert.Equal(Value("centroid_col") + 0.5, m.Centroid.X, 9);
        Assert.Equal(Value("centroid_row") + 0.5, m.Centroid.Y, 9);
        Assert.Equal(Value("perimeter"), m.Perimeter, 9);
        Assert.Equal(Value("major"), m.MajorAxis, 9);
        Assert.Equal(Value("minor"), m.MinorAxis, 9);
        Assert.Equal(Value("eccentricity"), m.Eccentricity, 9);
        Assert.Equal(Value("convex_area"), m.ConvexArea);
        Assert.Equal(Value("solidity"), m.Solidity, 9);
    }

    [Fact]
    public void Measure_SinglePixelAndLine_GiveFiniteValues()
    {
        var measurer = new ObjectMeasurer();
        foreach (var rows in new[] { new[] { "#" }, ["###"], ["#", "#"] })
        {
            var labels = Masks.AsLabels(Masks.Parse(rows));
            var m = measurer.Measure(labels, 1, PixelBox.Of(labels));
            Assert.Equal(1, m.Solidity);
            Assert.InRange(m.Eccentricity, 0, 1);
            Assert.InRange(m.Circularity, 0, 1);
        }
    }

    [Fact]
    public void Measure_AbsentLabel_IsRefused()
    {
        var labels = new Raster<int>(3, 3);
        Assert.Throws<ArgumentException>(() => new ObjectMeasurer().Measure(labels, 1, PixelBox.Of(labels)));
    }

    [Fact]
    public void DistanceHolesAndComponents_RecordedMask_EqualSciPy()
    {
        var mask = Mask(Golden.GetProperty("mask"));
        var expected = Golden.GetProperty("distance").EnumerateArray().Select(v => (float)v.GetDouble()).ToArray();
        Assert.Equal(expected, DistanceTransform.ToBackground(mask).Samples);
        Assert.Equal(Golden.GetProperty("four").GetInt32(), ConnectedComponents.Label(mask).Count);
        Assert.Equal(Golden.GetProperty("eight").GetInt32(), ConnectedComponents.Label(mask, Connectivity.Eight).Count);
        ConnectedComponents.FillHoles(mask);
        Assert.Equal(Masks.Text(Mask(Golden.GetProperty("filled"))), Masks.Text(mask));
    }

    [Fact]
    public void Blur_RecordedImage_EqualsSciPy()
    {
        var image = Golden.GetProperty("image");
        var source = new Raster<float>(
            image.GetProperty("width").GetInt32(), image.GetProperty("height").GetInt32(), [.. image.GetProperty("samples").EnumerateArray().Select(v => v.GetSingle())]);
        foreach (var blur in image.GetProperty("blur").EnumerateObject())
        {
            var actual = GaussianBlur.Apply(source, double.Parse(blur.Name));
            var i = 0;
            foreach (var value in blur.Value.EnumerateArray())
                Assert.Equal(value.GetSingle(), actual.Samples[i++], 1e-5f);
        }
    }

    private static Raster<byte> Mask(JsonElement rows) => Masks.Parse([.. rows.EnumerateArray().Select(r => r.GetString()!)]);
}
