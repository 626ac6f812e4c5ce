using Microtome.Imaging;

namespace Microtome.Pathology;

/// <summary>What a field of view looks like at a lower magnification.</summary>
internal static class Reduction
{
    /// <summary>Averages squares of factor x factor pixels and enlarges the result bilinearly to the old size.</summary>
    public static RgbImage ReducedAndEnlarged(this RgbImage picture, int factor)
    {
        var (width, height) = (picture.Width / factor, picture.Height / factor);
        var small = new RgbImage(width, height);
        for (var y = 0; y < height; y++)
        {
            for (var i = 0; i < width * 3; i++)
            {
                var (x, channel) = Math.DivRem(i, 3);
                var sum = 0;
                for (var v = 0; v < factor; v++)
                {
                    var row = picture.Row((y * factor) + v);
                    for (var u = 0; u < factor; u++)
                        sum += row[(((x * factor) + u) * 3) + channel];
                }

                small.Row(y)[i] = (byte)((sum + (factor * factor / 2)) / (factor * factor));
            }
        }

        var result = new RgbImage(picture.Width, picture.Height);
        for (var y = 0; y < result.Height; y++)
        {
            var fy = Math.Clamp(((y + 0.5) / factor) - 0.5, 0, height - 1);
            var y0 = (int)fy;
            var top = small.Row(y0);
            var bottom = small.Row(Math.Min(y0 + 1, height - 1));
            for (var x = 0; x < result.Width; x++)
            {
                var fx = Math.Clamp(((x + 0.5) / factor) - 0.5, 0, width - 1);
                var x0 = (int)fx;
                var x1 = Math.Min(x0 + 1, width - 1);
                for (var c = 0; c < 3; c++)
                {
                    var upper = top[(3 * x0) + c] + ((fx - x0) * (top[(3 * x1) + c] - top[(3 * x0) + c]));
                    var lower = bottom[(3 * x0) + c] + ((fx - x0) * (bottom[(3 * x1) + c] - bottom[(3 * x0) + c]));
                    result.Row(y)[(3 * x) + c] = (byte)Math.Round(upper + ((fy - y0) * (lower - upper)));
                }
            }
        }

        return result;
    }
}
