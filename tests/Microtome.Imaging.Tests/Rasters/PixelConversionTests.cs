namespace Microtome.Imaging.Tests;

public class PixelConversionTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(8)]
    [InlineData(9)]
    [InlineData(257)]
    [InlineData(4001)]
    public void ArgbOnWhiteToRgb_AnyLength_EqualsBlendingInDoublePrecision(int length)
    {
        var random = new Random(length);
        uint[] argb = new uint[length];
        var expected = new byte[length * 3];
        for (int i = 0; i < length; i++)
        {
            // Runs of opaque pixels, of clear ones and of mixtures; colours premultiplied as cairo does.
            int alpha = (i / 11 % 3) switch { 0 => 255, 1 => 0, _ => random.Next(256) };
            for (int c = 0; c < 3; c++)
            {
                int premultiplied = (int)Math.Round(random.Next(256) * alpha / 255.0);
                argb[i] |= (uint)premultiplied << (16 - (8 * c));
                expected[(i * 3) + c] = (byte)(premultiplied + 255 - alpha);
            }

            argb[i] |= (uint)alpha << 24;
        }

        byte[] rgb = new byte[length * 3];
        PixelConversion.ArgbOnWhiteToRgb(argb, rgb);
        Assert.Equal(expected, rgb);
    }

    [Fact]
    public void ArgbOnWhiteToRgb_LongerDestination_LeavesTheRestAlone()
    {
        uint[] argb = [.. Enumerable.Repeat(0xff102030u, 37)];
        byte[] rgb = [.. Enumerable.Repeat((byte)7, 160)];
        PixelConversion.ArgbOnWhiteToRgb(argb, rgb);
        Assert.Equal([0x10, 0x20, 0x30], rgb[108..111]);
        Assert.All(rgb[111..], b => Assert.Equal(7, b));
    }
}
