using Microtome.Imaging;

namespace Microtome.Pathology.Tests;

public sealed class ColourQualityTests
{
    private static byte[] Stained(double haematoxylin, double eosin)
    {
        var v = StainVectors.HematoxylinEosin;
        return [.. Enumerable.Range(0, 3).Select(c => (byte)Math.Round(255 * Math.Pow(10, -((haematoxylin * v.First[c]) + (eosin * v.Second[c])))))];
    }

    [Fact]
    public void Of_KnownAmounts_GivesTheirMeans()
    {
        byte[] pixels = [.. Enumerable.Repeat(Stained(0.8, 0.1), 300).SelectMany(p => p), .. Enumerable.Repeat(Stained(0.1, 0.5), 100).SelectMany(p => p)];

        var quality = ColourQuality.Of(pixels)!;

        Assert.Equal(400, quality.Pixels);
        Assert.Equal(((3 * 0.8) + 0.1) / 4, quality.HaematoxylinMeanOd, 0.01);
        Assert.Equal(((3 * 0.1) + 0.5) / 4, quality.EosinMeanOd, 0.01);
        Assert.Equal(0, quality.ForeignFraction);
        // Both stains are there in pure form but for small rests of the other.
        Assert.InRange(quality.StainAngleDegrees!.Value, 20, StainVectors.HematoxylinEosin.AngleDegrees + 1);
    }

    [Theory]
    [InlineData(60, 150, 90)] // green ink
    [InlineData(60, 110, 200)] // blue ink
    [InlineData(220, 60, 70)] // red ink
    [InlineData(200, 190, 60)] // pigment
    public void Of_InkOnAQuarter_SaysSo(byte red, byte green, byte blue)
    {
        byte[] pixels = [.. Enumerable.Repeat(Stained(0.8, 0.1), 300).SelectMany(p => p), .. Enumerable.Repeat<byte[]>([red, green, blue], 100).SelectMany(p => p)];

        Assert.Equal(0.25, ColourQuality.Of(pixels)!.ForeignFraction);
    }

    [Theory]
    [InlineData(0.2, 0.5, 0.85)] // blue
    [InlineData(0.2, 0.6, 0.3)] // green
    public void Of_ThinInkOverTissue_SaysSo(double red, double green, double blue)
    {
        byte[] Inked(byte[] rgb) => [(byte)(rgb[0] * red), (byte)(rgb[1] * green), (byte)(rgb[2] * blue)];
        byte[] tissue = [.. Enumerable.Repeat(Stained(0.6, 0.2), 300).SelectMany(p => p), .. Enumerable.Repeat(Stained(0.1, 0.2), 300).SelectMany(p => p)];
        byte[] inked = [.. Enumerable.Repeat(Inked(Stained(0.6, 0.2)), 100).SelectMany(p => p), .. Enumerable.Repeat(Inked(Stained(0.1, 0.2)), 100).SelectMany(p => p)];

        Assert.Equal(0, ColourQuality.Of(tissue)!.ForeignFraction);
        Assert.Equal(0.25, ColourQuality.Of([.. tissue, .. inked])!.ForeignFraction);
    }

    [Fact]
    public void Of_Glass_HasNoStain()
    {
        byte[] pixels = [.. Enumerable.Repeat((byte)243, 3000)];

        var quality = ColourQuality.Of(pixels)!;

        Assert.Null(quality.StainAngleDegrees);
        Assert.Equal(0, quality.ForeignFraction);
        Assert.Null(ColourQuality.Of([]));
    }
}
