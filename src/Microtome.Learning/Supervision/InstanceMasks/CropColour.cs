using System.Numerics.Tensors;

namespace Microtome.Learning.Supervision.InstanceMasks;

/// <summary>Changes the look of a crop: magnification, blur, stain densities, light, noise. Works on planes [3, size, size], 0..1.</summary>
internal static class CropColour
{
    // Optical densities of haematoxylin, eosin and DAB (Ruifrok and Johnston 2001), a row per stain, and the inverse.
    private static readonly float[] Stains = [0.65f, 0.70f, 0.29f, 0.07f, 0.99f, 0.11f, 0.27f, 0.57f, 0.78f];

    private static readonly float[] Unstain =
    [
        1.8779827f, -1.0076787f, -0.5561159f, -0.0659081f, 1.1347303f, -0.1355218f, -0.6019074f, -0.4804142f, 1.5735882f,
    ];

    public static void Change(Span<float> rgb, int size, AugmentationOptions options, Random random, float[] scratch)
    {
        if (random.NextDouble() < options.LowMagnificationShare)
            Reduce(rgb, size, 1.5 + (0.7 * random.NextDouble()), scratch);
        else if (random.NextDouble() < options.BlurShare)
            Blur(rgb, size, 0.3 + (random.NextDouble() * (options.BlurSigma - 0.3)), scratch);
        Stain(rgb, size * size, options, random);
        Light(rgb, size * size, options, random);
    }

    private static void Affine(Span<float> values, float factor, float added)
    {
        TensorPrimitives.Multiply(values, factor, values);
        TensorPrimitives.Add(values, added, values);
    }

    private static void Stain(Span<float> rgb, int area, AugmentationOptions options, Random random)
    {
        // density' = M density + t with M = Unstain * diag(factor) * Stains: one 3x3 product a pixel.
        Span<float> matrix = stackalloc float[9];
        Span<float> offset = stackalloc float[3];
        matrix.Clear();
        offset.Clear();
        for (var s = 0; s < 3; s++)
        {
            var factor = (float)Math.Clamp(1 + (options.StainFactor * Gaussian.Next(random)), 0.6, 1.5);
            var added = (float)(options.StainOffset * Gaussian.Next(random));
            for (var j = 0; j < 3; j++)
            {
                offset[j] += added * Stains[(3 * s) + j];
                for (var i = 0; i < 3; i++)
                    matrix[(3 * i) + j] += Unstain[(3 * i) + s] * factor * Stains[(3 * s) + j];
            }
        }

        // -ln((255 v + 1) / 256)
        Affine(rgb, 255f / 256, 1f / 256);
        TensorPrimitives.Log(rgb, rgb);
        var r = rgb[..area];
        var g = rgb.Slice(area, area);
        var b = rgb.Slice(2 * area, area);
        for (var i = 0; i < area; i++)
        {
            float dr = r[i], dg = g[i], db = b[i];
            r[i] = (dr * matrix[0]) + (dg * matrix[3]) + (db * matrix[6]) - offset[0];
            g[i] = (dr * matrix[1]) + (dg * matrix[4]) + (db * matrix[7]) - offset[1];
            b[i] = (dr * matrix[2]) + (dg * matrix[5]) + (db * matrix[8]) - offset[2];
        }

        TensorPrimitives.Exp(rgb, rgb);
    }

    private static void Light(Span<float> rgb, int area, AugmentationOptions options, Random random)
    {
        var contrast = 1 + (options.Contrast * ((2 * random.NextDouble()) - 1));
        var brightness = options.Brightness * ((2 * random.NextDouble()) - 1);
        for (var channel = 0; channel < 3; channel++)
        {
            var gain = 1 + (options.ChannelGain * ((2 * random.NextDouble()) - 1));
            var plane = rgb.Slice(channel * area, area);
            Affine(plane, (float)(contrast * gain), (float)((0.5 - (0.5 * contrast) + brightness) * gain));
        }

        if (random.NextDouble() < options.NoiseShare)
        {
            // The sum of two uniform numbers is close enough to a normal one and costs a tenth.
            var sigma = (float)(random.NextDouble() * options.Noise * Math.Sqrt(6));
            foreach (ref var value in rgb)
                value += sigma * (random.NextSingle() + random.NextSingle() - 1);
        }

        TensorPrimitives.Min(rgb, 1f, rgb);
        TensorPrimitives.Max(rgb, 0f, rgb);
    }

    private static void Reduce(Span<float> rgb, int size, double factor, float[] scratch)
    {
        var small = (int)(size / factor);
        for (var channel = 0; channel < 3; channel++)
        {
            var plane = rgb.Slice(channel * size * size, size * size);
            // Rows, then columns: box averages of exact (fractional) extent, then linear interpolation back.
            for (var y = 0; y < size; y++)
                Average(plane.Slice(y * size, size), 1, size, scratch.AsSpan(y * small), 1, small);
            for (var x = 0; x < small; x++)
                Average(scratch.AsSpan(x), small, size, scratch.AsSpan((size * small) + x), small, small);
            var reduced = scratch.AsSpan(size * small, small * small);
            for (var y = 0; y < size; y++)
            {
                var (y0, y1, fy) = Between(y, size, small);
                for (var x = 0; x < size; x++)
                {
                    var (x0, x1, fx) = Between(x, size, small);
                    var top = (reduced[(y0 * small) + x0] * (1 - fx)) + (reduced[(y0 * small) + x1] * fx);
                    var bottom = (reduced[(y1 * small) + x0] * (1 - fx)) + (reduced[(y1 * small) + x1] * fx);
                    plane[(y * size) + x] = (top * (1 - fy)) + (bottom * fy);
                }
            }
        }
    }

    private static (int First, int Second, float Fraction) Between(int i, int size, int small)
    {
        var t = Math.Clamp(((i + 0.5f) * small / size) - 0.5f, 0, small - 1);
        var first = (int)t;
        return (first, Math.Min(first + 1, small - 1), t - first);
    }

    private static void Average(ReadOnlySpan<float> source, int sourceStep, int length, Span<float> target, int targetStep, int small)
    {
        var extent = (float)length / small;
        for (var i = 0; i < small; i++)
        {
            var from = i * extent;
            var to = from + extent;
            var sum = 0f;
            for (var j = (int)from; j < to && j < length; j++)
                sum += source[j * sourceStep] * (MathF.Min(j + 1, to) - MathF.Max(j, from));
            target[i * targetStep] = sum / extent;
        }
    }

    private static void Blur(Span<float> rgb, int size, double sigma, float[] scratch)
    {
        var radius = (int)Math.Ceiling(3 * sigma);
        var kernel = new float[(2 * radius) + 1];
        for (var i = -radius; i <= radius; i++)
            kernel[i + radius] = (float)Math.Exp(-i * i / (2 * sigma * sigma));
        var total = kernel.Sum();
        for (var i = 0; i < kernel.Length; i++)
            kernel[i] /= total;
        var area = size * size;
        for (var channel = 0; channel < 3; channel++)
        {
            var plane = rgb.Slice(channel * area, area);
            var rows = scratch.AsSpan(0, area);
            rows.Clear();
            // Down the columns by whole rows, so that every step is a vector operation.
            for (var y = 0; y < size; y++)
            {
                for (var k = -radius; k <= radius; k++)
                    TensorPrimitives.MultiplyAdd(plane.Slice(Math.Clamp(y + k, 0, size - 1) * size, size), kernel[k + radius], rows.Slice(y * size, size), rows.Slice(y * size, size));
            }

            var padded = scratch.AsSpan(area, size + (2 * radius));
            for (var y = 0; y < size; y++)
            {
                var row = rows.Slice(y * size, size);
                padded[..radius].Fill(row[0]);
                row.CopyTo(padded[radius..]);
                padded[(radius + size)..].Fill(row[^1]);
                var target = plane.Slice(y * size, size);
                target.Clear();
                for (var k = 0; k < kernel.Length; k++)
                    TensorPrimitives.MultiplyAdd(padded.Slice(k, size), kernel[k], target, target);
            }
        }
    }
}
