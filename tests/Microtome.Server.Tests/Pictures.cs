using Microtome.Imaging;

namespace Microtome.Server.Tests;

/// <summary>Plain loops over pixels, so that nothing is compared with itself.</summary>
internal static class Pictures
{
    public static void Paste(RgbImage part, RgbImage whole, int x, int y)
    {
        for (int v = 0; v < part.Height; v++)
            part.Row(v).CopyTo(whole.Row(y + v)[(x * 3)..]);
    }

    public static double MeanDifference(RgbImage a, RgbImage b)
    {
        Assert.Equal((a.Width, a.Height), (b.Width, b.Height));
        long sum = 0;
        for (int i = 0; i < a.Pixels.Length; i++)
            sum += Math.Abs(a.Pixels[i] - b.Pixels[i]);
        return sum / (double)a.Pixels.Length;
    }

    /// <summary>Means of factor x factor pixels; fewer at the right and lower border.</summary>
    public static RgbImage Shrink(RgbImage image, int factor)
    {
        var small = new RgbImage((image.Width + factor - 1) / factor, (image.Height + factor - 1) / factor);
        for (int y = 0; y < small.Height; y++)
        {
            for (int x = 0; x < small.Width; x++)
            {
                for (int c = 0; c < 3; c++)
                {
                    double sum = 0;
                    int count = 0;
                    for (int v = y * factor; v < Math.Min(image.Height, (y + 1) * factor); v++)
                    {
                        for (int u = x * factor; u < Math.Min(image.Width, (x + 1) * factor); u++)
                        {
                            sum += image.Pixels[(((v * image.Width) + u) * 3) + c];
                            count++;
                        }
                    }

                    small.Pixels[(((y * small.Width) + x) * 3) + c] = (byte)Math.Round(sum / count);
                }
            }
        }

        return small;
    }
}
