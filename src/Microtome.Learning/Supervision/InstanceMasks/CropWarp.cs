namespace Microtome.Learning.Supervision.InstanceMasks;

/// <summary>
/// Where the pixels of a crop come from: an affine map (rotation, mirror, scale, shear, stretch) plus a smooth displacement on a cubic B-spline of
/// 6 x 6 control points. Outside the picture it is mirrored.
/// </summary>
internal sealed class CropWarp
{
    private const int Control = 6;
    private readonly int size;
    private readonly float a, b, c, d, centreX, centreY;
    private readonly float[]? shiftX, shiftY;
    private readonly float[,] spline;

    public CropWarp(TrainingImage image, int size, AugmentationOptions options, Random random)
    {
        this.size = size;
        var enlarge = Math.Exp(Between(random, Math.Log(options.ScaleFrom), Math.Log(options.ScaleTo))) * image.Row.Mpp / 0.25;
        var angle = random.NextDouble() * 2 * Math.PI;
        var mirror = random.Next(2) == 0 ? 1 : -1;
        var shear = Between(random, -options.Shear, options.Shear);
        var stretch = Between(random, 1 - options.Shear, 1 + options.Shear);
        var (sin, cos) = Math.SinCos(angle);
        a = (float)(cos * mirror * stretch / enlarge);
        b = (float)(((cos * shear) - sin) / enlarge);
        c = (float)(sin * mirror * stretch / enlarge);
        d = (float)(((sin * shear) + cos) / enlarge);
        var reach = size / 2.0 / enlarge * 0.9;
        centreX = (float)Between(random, Math.Min(reach, image.Width / 2.0), Math.Max(image.Width - reach, image.Width / 2.0));
        centreY = (float)Between(random, Math.Min(reach, image.Height / 2.0), Math.Max(image.Height - reach, image.Height / 2.0));
        spline = Spline(size);
        if (random.NextDouble() < options.ElasticShare)
        {
            var sigma = random.NextDouble() * options.ElasticPixels;
            shiftX = Displacements(sigma, random);
            shiftY = Displacements(sigma, random);
        }
    }

    /// <summary>Fills the planes of a crop, bilinearly: shape [<see cref="TrainingImage.Planes"/>, size, size], 0..1.</summary>
    public void Sample(TrainingImage image, Span<float> planes)
    {
        const int P = TrainingImage.Planes;
        var area = size * size;
        var source = image.Samples;
        Span<float> columnX = stackalloc float[Control];
        Span<float> columnY = stackalloc float[Control];
        for (var y = 0; y < size; y++)
        {
            if (shiftX is not null)
                FoldRow(y, columnX, columnY);
            for (var x = 0; x < size; x++)
            {
                var u = x - (size / 2f) + 0.5f;
                var v = y - (size / 2f) + 0.5f;
                var sx = (a * u) + (b * v) + centreX - 0.5f;
                var sy = (c * u) + (d * v) + centreY - 0.5f;
                if (shiftX is not null)
                {
                    for (var k = 0; k < Control; k++)
                    {
                        sx += spline[x, k] * columnX[k];
                        sy += spline[x, k] * columnY[k];
                    }
                }

                var x0 = (int)MathF.Floor(sx);
                var y0 = (int)MathF.Floor(sy);
                var fx = sx - x0;
                var fy = sy - y0;
                var left = Mirror(x0, image.Width) * P;
                var right = Mirror(x0 + 1, image.Width) * P;
                var top = Mirror(y0, image.Height) * image.Width * P;
                var bottom = Mirror(y0 + 1, image.Height) * image.Width * P;
                float w00 = (1 - fx) * (1 - fy) / 255, w01 = fx * (1 - fy) / 255, w10 = (1 - fx) * fy / 255, w11 = fx * fy / 255;
                var at = (y * size) + x;
                for (var p = 0; p < P; p++, at += area)
                {
                    planes[at] = (w00 * source[top + left + p]) + (w01 * source[top + right + p])
                        + (w10 * source[bottom + left + p]) + (w11 * source[bottom + right + p]);
                }
            }
        }
    }

    private static double Between(Random random, double least, double most) => least + (random.NextDouble() * (most - least));

    private static int Mirror(int i, int length)
    {
        var period = 2 * (length - 1);
        if (period == 0)
            return 0;
        i = ((i % period) + period) % period;
        return i < length ? i : period - i;
    }

    private static float[] Displacements(double sigma, Random random)
    {
        var values = new float[Control * Control];
        for (var i = 0; i < values.Length; i++)
            values[i] = (float)(sigma * Gaussian.Next(random));
        return values;
    }

    /// <summary>Weights of the control points for each pixel of a side, shape [size, Control].</summary>
    private static float[,] Spline(int size)
    {
        var weights = new float[size, Control];
        for (var i = 0; i < size; i++)
        {
            var t = (double)i / size * (Control - 3);
            var cell = (int)t;
            var f = t - cell;
            weights[i, cell] = (float)((1 - f) * (1 - f) * (1 - f) / 6);
            weights[i, cell + 1] = (float)(((3 * f * f * f) - (6 * f * f) + 4) / 6);
            weights[i, cell + 2] = (float)(((-3 * f * f * f) + (3 * f * f) + (3 * f) + 1) / 6);
            weights[i, cell + 3] = (float)(f * f * f / 6);
        }

        return weights;
    }

    private void FoldRow(int y, Span<float> columnX, Span<float> columnY)
    {
        columnX.Clear();
        columnY.Clear();
        for (var j = 0; j < Control; j++)
        {
            var w = spline[y, j];
            if (w == 0)
                continue;
            for (var k = 0; k < Control; k++)
            {
                columnX[k] += w * shiftX![(j * Control) + k];
                columnY[k] += w * shiftY![(j * Control) + k];
            }
        }
    }
}
