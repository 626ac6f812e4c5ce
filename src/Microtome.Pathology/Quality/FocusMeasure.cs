using Microtome.Imaging;

namespace Microtome.Pathology;

/// <summary>
/// Sharpness as a ratio of detail: how strong optical density changes over one pixel against how strong it changes over four. Both grow with the stain and with the number of
/// nuclei, so their ratio depends on neither.
/// </summary>
public static class FocusMeasure
{
    /// <summary>Sharpness below which a square counts as out of focus. Slides of 40x and 20x in focus have 0.23 to 0.35; blurred by a Gaussian of 0.3, 0.5 and 1 um they have about 0.20, 0.13 and 0.09; smooth pictures tend to 1/16, noise has 1.</summary>
    public const double BlurredBelow = 0.17;

    /// <summary>Squares whose detail over four pixels (root mean square, optical density) is less hold nothing to judge: tissue in focus has 0.3 and more, blurred by a Gaussian of 2 um 0.06.</summary>
    public const double FlatBelow = 0.05;

    private const int Step = 4;

    /// <summary>
    /// The root mean square of the four-neighbour Laplacian of optical density at step 1 divided by that at step 4; null when the picture is flat. For a wave of w radians per pixel
    /// it is (1 - cos w) / (1 - cos 4w), 1/16 for slow ones; for white noise 1.
    /// </summary>
    public static double? Sharpness(RgbImage image)
    {
        int width = image.Width, height = image.Height;
        if (width <= 2 * Step || height <= 2 * Step)
            return null;
        var table = OpticalDensity.Table;
        float[] density = new float[width * height];
        for (int i = 0, p = 0; i < density.Length; i++, p += 3)
            density[i] = (table[image.Pixels[p]] + table[image.Pixels[p + 1]] + table[image.Pixels[p + 2]]) / 3;
        double fine = 0, coarse = 0;
        for (int y = Step; y < height - Step; y++)
        {
            double rowFine = 0, rowCoarse = 0;
            for (int x = Step; x < width - Step; x++)
            {
                int i = (y * width) + x;
                double four = 4 * density[i];
                double near = density[i - 1] + density[i + 1] + density[i - width] + density[i + width] - four;
                double far = density[i - Step] + density[i + Step] + density[i - (Step * width)] + density[i + (Step * width)] - four;
                rowFine += near * near;
                rowCoarse += far * far;
            }

            fine += rowFine;
            coarse += rowCoarse;
        }

        double n = (width - (2.0 * Step)) * (height - (2.0 * Step));
        return Math.Sqrt(coarse / n) < FlatBelow ? null : Math.Sqrt(fine / coarse);
    }
}
