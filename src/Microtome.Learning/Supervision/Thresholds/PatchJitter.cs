using Microtome.Imaging;

namespace Microtome.Learning.Supervision.Thresholds;

/// <summary>Changes the colours of a patch. Every change is of single pixels (the contrast's mean apart), so that it does not matter that only the patch is changed and not its rim.</summary>
internal static class PatchJitter
{
    public static void Change(RgbImage patch, SuperPatchAugmentation options, Random random)
    {
        double Within(double most) => ((2 * random.NextDouble()) - 1) * most;
        double hue = Within(options.HueShift), added = Within(options.Brightness), factor = 1 + Within(options.JitterBrightness), contrast = 1 + Within(options.JitterContrast), saturation = 1 + Within(options.JitterSaturation);
        int[] order = [0, 1, 2, 3, 4];
        if (options.RandomOrder)
            random.Shuffle(order);
        foreach (var change in order)
        {
            switch (change)
            {
                case 0 when hue != 0:
                    ShiftHue(patch.Pixels, hue);
                    break;
                case 1 when added != 0:
                    Blend(patch.Pixels, 1, 255 * added);
                    break;
                case 2 when factor != 1:
                    Blend(patch.Pixels, factor, 0);
                    break;
                case 3 when contrast != 1:
                    Blend(patch.Pixels, contrast, (1 - contrast) * MeanGrey(patch.Pixels));
                    break;
                case 4 when saturation != 1:
                    Saturate(patch.Pixels, saturation);
                    break;
                default:
                    break;
            }
        }
    }

    /// <summary>Turns the hue by a share of the circle, keeping value and saturation (HSV).</summary>
    public static void ShiftHue(Span<byte> pixels, double share)
    {
        for (var i = 0; i < pixels.Length; i += 3)
        {
            double r = pixels[i], g = pixels[i + 1], b = pixels[i + 2];
            double most = Math.Max(r, Math.Max(g, b)), range = most - Math.Min(r, Math.Min(g, b));
            if (range == 0)
                continue;
            // Sixths of the circle.
            var hue = most == r ? (g - b) / range : most == g ? 2 + ((b - r) / range) : 4 + ((r - g) / range);
            hue += 6 * share;
            for (var k = 0; k < 3; k++)
            {
                // The channel k sinks from its peak: value - range * clamp(min(t, 4 - t), 0, 1), t = (n + hue) mod 6 with n = 5, 3, 1.
                var t = (5 - (2 * k) + hue) % 6;
                if (t < 0)
                    t += 6;
                pixels[i + k] = (byte)Math.Round(most - (range * Math.Clamp(Math.Min(t, 4 - t), 0, 1)));
            }
        }
    }

    private static void Blend(Span<byte> pixels, double factor, double added)
    {
        Span<byte> table = stackalloc byte[256];
        for (var i = 0; i < 256; i++)
            table[i] = (byte)Math.Round(Math.Clamp((i * factor) + added, 0, 255));
        foreach (ref var value in pixels)
            value = table[value];
    }

    private static void Saturate(Span<byte> pixels, double factor)
    {
        for (var i = 0; i < pixels.Length; i += 3)
        {
            var grey = Grey(pixels.Slice(i, 3));
            for (var k = 0; k < 3; k++)
                pixels[i + k] = (byte)Math.Round(Math.Clamp((factor * pixels[i + k]) + ((1 - factor) * grey), 0, 255));
        }
    }

    private static double MeanGrey(ReadOnlySpan<byte> pixels)
    {
        double sum = 0;
        for (var i = 0; i < pixels.Length; i += 3)
            sum += Grey(pixels.Slice(i, 3));
        return Math.Round(sum / (pixels.Length / 3));
    }

    // ITU-R BT.601, as torchvision.
    private static double Grey(ReadOnlySpan<byte> pixel) => (0.299 * pixel[0]) + (0.587 * pixel[1]) + (0.114 * pixel[2]);
}
