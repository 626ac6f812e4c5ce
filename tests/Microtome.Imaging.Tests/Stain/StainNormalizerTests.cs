using System.Text.Json;

namespace Microtome.Imaging.Tests.Stain;

public class StainNormalizerTests
{
    public static TheoryData<StainMethod> Methods => [.. Enum.GetValues<StainMethod>()];

    [Theory]
    [MemberData(nameof(Methods))]
    public void Estimate_DegenerateInput_IsIdentityWithReason(StainMethod method)
    {
        var one = new Random(1);
        var inputs = new Dictionary<string, byte[]>
        {
            ["nothing"] = [],
            ["white"] = Filled(4096, 255, 255, 255),
            ["black"] = Filled(4096, 0, 0, 0),
            ["one pixel"] = [120, 60, 140],
            ["one colour"] = Filled(4096, 120, 60, 140),
            ["one stain"] = Mixture(one, 4096, 0.9, 0),
            ["grey"] = [.. Enumerable.Range(0, 4096).SelectMany(i => Enumerable.Repeat((byte)(20 + (i % 180)), 3))],
        };
        foreach (var (name, pixels) in inputs)
        {
            var profile = StainEstimator.Estimate(method, pixels);
            Assert.True(profile.IsIdentity, name);
            Assert.False(string.IsNullOrWhiteSpace(profile.Reason));
            var image = new RgbImage(8, 8);
            new Random(2).NextBytes(image.Pixels);
            var before = image.Pixels.ToArray();
            new StainNormalizer(profile).Apply(image);
            Assert.Equal(before, image.Pixels);
        }
    }

    [Theory]
    [MemberData(nameof(Methods))]
    public void Apply_WhitePixels_StayWhite(StainMethod method)
    {
        var profile = StainEstimator.Estimate(method, Mixture(new Random(3), 5000, 0.8, 0.6));
        Assert.Null(profile.Reason);
        var image = new RgbImage(4, 4);
        image.Pixels.AsSpan().Fill(255);
        new StainNormalizer(profile).Apply(image);
        Assert.All(image.Pixels, v => Assert.Equal(255, v));
    }

    [Theory]
    [MemberData(nameof(Methods))]
    public void Apply_AnyBytes_NeverFailsAndIsRepeatable(StainMethod method)
    {
        var profile = StainEstimator.Estimate(method, Mixture(new Random(4), 5000, 0.8, 0.6));
        var normalizer = new StainNormalizer(profile);
        var (a, b) = (new RgbImage(97, 31), new RgbImage(97, 31));
        new Random(5).NextBytes(a.Pixels);
        a.Pixels.CopyTo(b.Pixels, 0);
        normalizer.Apply(a);
        normalizer.Apply(b);
        Assert.Equal(a.Pixels, b.Pixels);
    }

    [Theory]
    [InlineData(StainMethod.Macenko, 4)]
    [InlineData(StainMethod.Vahadane, 8)]
    public void Estimate_KnownMixture_FindsItsVectors(StainMethod method, double degrees)
    {
        var truth = new StainVectors([0.60, 0.72, 0.35], [0.15, 0.92, 0.36]);
        var profile = StainEstimator.Estimate(method, Mixture(new Random(6), 20000, 0.9, 0.7, truth, pure: 0.35));
        Assert.Null(profile.Reason);
        Assert.InRange(Angle(profile.Vectors[0], truth.First), 0, degrees);
        Assert.InRange(Angle(profile.Vectors[1], truth.Second), 0, degrees);
    }

    [Fact]
    public void Apply_RuifrokToItsOwnProfile_ChangesAnyColourByRoundingOnly()
    {
        var profile = StainEstimator.Estimate(StainMethod.Ruifrok, Mixture(new Random(7), 5000, 0.8, 0.6));
        var pixels = new byte[100 * 50 * 3];
        new Random(8).NextBytes(pixels);
        var image = new RgbImage(100, 50);
        pixels.CopyTo(image.Pixels, 0);
        new StainNormalizer(profile, profile).Apply(image);
        Assert.All(image.Pixels.Zip(pixels), p => Assert.InRange(Math.Abs(p.First - p.Second), 0, 2));
    }

    [Fact]
    public void Profile_ThroughJson_NormalizesTheSame()
    {
        var profile = StainEstimator.Estimate(StainMethod.Macenko, Mixture(new Random(8), 5000, 0.8, 0.6));
        var back = JsonSerializer.Deserialize<StainProfile>(JsonSerializer.Serialize(profile))!;
        var (a, b) = (new RgbImage(20, 20), new RgbImage(20, 20));
        new Random(9).NextBytes(a.Pixels);
        a.Pixels.CopyTo(b.Pixels, 0);
        new StainNormalizer(profile).Apply(a);
        new StainNormalizer(back).Apply(b);
        Assert.Equal(a.Pixels, b.Pixels);
    }

    [Fact]
    public void ToByte_EveryGreyValue_ComesBack()
    {
        for (var v = 1; v < 256; v++)
            Assert.Equal(v, OpticalDensity.ToByte(OpticalDensity.Of((byte)v)));
        Assert.Equal(255, OpticalDensity.ToByte(float.NaN));
        Assert.Equal(255, OpticalDensity.ToByte(-3));
        Assert.Equal(0, OpticalDensity.ToByte(float.PositiveInfinity));
    }

    [Fact]
    public void Amounts_PureStains_AreSeparated()
    {
        var vectors = StainVectors.HematoxylinDab;
        var deconvolution = new ColorDeconvolution(vectors);
        foreach (var (h, d) in new[] { (0.5, 0.0), (0.0, 0.6), (0.3, 0.4) })
        {
            byte Channel(int i) => OpticalDensity.ToByte((float)((h * vectors.First[i]) + (d * vectors.Second[i])));
            var (first, second) = deconvolution.Amounts(Channel(0), Channel(1), Channel(2));
            Assert.Equal(h, first, 0.02);
            Assert.Equal(d, second, 0.02);
        }
    }

    private static double Angle(IReadOnlyList<double> a, IReadOnlyList<double> b) => Math.Acos(Math.Min(1, a.Zip(b, (x, y) => x * y).Sum())) * 180 / Math.PI;

    private static byte[] Filled(int count, byte r, byte g, byte b) => [.. Enumerable.Range(0, count).SelectMany(_ => new[] { r, g, b })];

    /// <summary>Pixels of two stains with random amounts; a share of them holds the first stain alone, another the second alone.</summary>
    private static byte[] Mixture(Random random, int count, double first, double second, StainVectors? vectors = null, double pure = 0)
    {
        vectors ??= StainVectors.HematoxylinEosin;
        var pixels = new byte[count * 3];
        for (var i = 0; i < count; i++)
        {
            var kind = random.NextDouble();
            var a = kind < pure ? 0 : first * (0.15 + (0.85 * random.NextDouble()));
            var b = kind > 1 - pure ? 0 : second * (0.15 + (0.85 * random.NextDouble()));
            for (var c = 0; c < 3; c++)
                pixels[(3 * i) + c] = OpticalDensity.ToByte((float)((a * vectors.First[c]) + (b * vectors.Second[c])));
        }

        return pixels;
    }
}
