namespace Microtome.Imaging.Tests;

/// <summary>Pictures that every algorithm must tell apart.</summary>
internal static class Patterns
{
    public static RgbImage Noise(int width, int height, int seed)
    {
        var image = new RgbImage(width, height);
        new Random(seed).NextBytes(image.Pixels);
        return image;
    }

    /// <summary>Smooth colours, so that JPEG loses little.</summary>
    public static RgbImage Waves(int width, int height)
    {
        var image = new RgbImage(width, height);
        for (int y = 0; y < height; y++)
        {
            for (int x = 0; x < width; x++)
            {
                Span<byte> p = image.Row(y).Slice(x * 3, 3);
                p[0] = (byte)(200 + (40 * Math.Sin(x / 37.0)));
                p[1] = (byte)(150 + (40 * Math.Sin(y / 41.0)));
                p[2] = (byte)(180 + (40 * Math.Cos((x + y) / 53.0)));
            }
        }

        return image;
    }
}
