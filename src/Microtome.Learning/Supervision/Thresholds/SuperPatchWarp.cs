using Microtome.Imaging;

namespace Microtome.Learning.Supervision.Thresholds;

/// <summary>Flips, turns and shifts a super-patch and cuts its middle, in one step: the patch's pixels are looked up backwards.</summary>
internal sealed class SuperPatchWarp
{
    private readonly bool flipX, flipY;
    private readonly int quarters, shiftX, shiftY;
    private readonly double angle;

    public SuperPatchWarp(bool flipX, bool flipY, int quarters, double angle, int shiftX, int shiftY) =>
        (this.flipX, this.flipY, this.quarters, this.angle, this.shiftX, this.shiftY) = (flipX, flipY, quarters, angle, shiftX, shiftY);

    /// <summary>Draws one; always the same numbers of the generator, whatever is switched on.</summary>
    public static SuperPatchWarp Random(SuperPatchAugmentation options, int rim, int pixels, Random random)
    {
        bool left = random.Next(2) == 1, up = random.Next(2) == 1;
        var turns = random.Next(4);
        var radians = ((2 * random.NextDouble()) - 1) * options.Degrees * Math.PI / 180;
        var reach = Math.Min(rim, (int)Math.Round(options.Translation * pixels));
        int x = random.Next(-reach, reach + 1), y = random.Next(-reach, reach + 1);
        return new SuperPatchWarp(options.Flips && left, options.Flips && up, options.QuarterTurns ? turns : 0, radians, x, y);
    }

    /// <summary>The patch, <paramref name="pixels"/> wide, out of the middle of the warped super-patch.</summary>
    public RgbImage Cut(RgbImage source, int pixels)
    {
        var patch = new RgbImage(pixels, pixels);
        double centreX = source.Width / 2.0, centreY = source.Height / 2.0;
        // The whole-pixel middle, as Middle cuts it, when the rim is odd.
        double oddX = ((source.Width - pixels) / 2) + (pixels / 2.0) - centreX, oddY = ((source.Height - pixels) / 2) + (pixels / 2.0) - centreY;
        var (sin, cos) = Math.SinCos(angle);
        for (var v = 0; v < pixels; v++)
        {
            var row = patch.Row(v);
            for (var u = 0; u < pixels; u++)
            {
                double x = u + 0.5 - (pixels / 2.0) + shiftX, y = v + 0.5 - (pixels / 2.0) + shiftY;
                if (angle != 0)
                    (x, y) = ((cos * x) + (sin * y), (cos * y) - (sin * x));
                // Turned counter-clockwise by a quarter: (x, y) came from (-y, x), y downwards.
                for (var q = 0; q < quarters; q++)
                    (x, y) = (-y, x);
                if (flipX)
                    x = -x;
                if (flipY)
                    y = -y;
                x += centreX + oddX - 0.5;
                y += centreY + oddY - 0.5;
                if (angle == 0)
                    source.Row(Math.Clamp((int)Math.Round(y), 0, source.Height - 1)).Slice(3 * Math.Clamp((int)Math.Round(x), 0, source.Width - 1), 3).CopyTo(row[(3 * u)..]);
                else
                    Interpolate(source, x, y, row.Slice(3 * u, 3));
            }
        }

        return patch;
    }

    private static void Interpolate(RgbImage source, double x, double y, Span<byte> pixel)
    {
        int x0 = (int)Math.Floor(x), y0 = (int)Math.Floor(y);
        double fx = x - x0, fy = y - y0;
        int left = 3 * Math.Clamp(x0, 0, source.Width - 1), right = 3 * Math.Clamp(x0 + 1, 0, source.Width - 1);
        ReadOnlySpan<byte> top = source.Row(Math.Clamp(y0, 0, source.Height - 1)), bottom = source.Row(Math.Clamp(y0 + 1, 0, source.Height - 1));
        for (var k = 0; k < 3; k++)
        {
            var above = (top[left + k] * (1 - fx)) + (top[right + k] * fx);
            var below = (bottom[left + k] * (1 - fx)) + (bottom[right + k] * fx);
            pixel[k] = (byte)Math.Round((above * (1 - fy)) + (below * fy));
        }
    }
}
