using System.Numerics;
using System.Runtime.InteropServices;

namespace Microtome.Imaging;

/// <summary>Separable Gaussian smoothing of float rasters; the border is mirrored (d c b a | a b c d | d c b a), the kernel ends at four sigma.</summary>
public static class GaussianBlur
{
    /// <summary>The smoothed raster.</summary>
    /// <param name="source">Left as it is.</param>
    /// <param name="sigma">Standard deviation, pixels; 0 gives a copy.</param>
    public static Raster<float> Apply(Raster<float> source, double sigma)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(sigma);
        var (width, height) = (source.Width, source.Height);
        var kernel = Kernel(sigma);
        var radius = kernel.Length - 1;
        var across = new Raster<float>(width, height);
        var padded = new float[width + (2 * radius) + Vector<float>.Count];
        for (var y = 0; y < height; y++)
        {
            var row = source.Row(y);
            row.CopyTo(padded.AsSpan(radius));
            for (var i = 1; i <= radius; i++)
            {
                padded[radius - i] = row[Mirror(-i, width)];
                padded[radius + width - 1 + i] = row[Mirror(width - 1 + i, width)];
            }

            Convolve(padded, radius, kernel, across.Row(y));
        }

        var result = new Raster<float>(width, height);
        for (var y = 0; y < height; y++)
        {
            var output = result.Row(y);
            Scale(across.Row(y), kernel[0], output);
            for (var i = 1; i <= radius; i++)
                AddPair(across.Row(Mirror(y - i, height)), across.Row(Mirror(y + i, height)), kernel[i], output);
        }

        return result;
    }

    /// <summary>One half of the kernel, from its centre outwards; the whole sums to 1.</summary>
    private static float[] Kernel(double sigma)
    {
        var radius = (int)((4 * sigma) + 0.5);
        var weights = new double[radius + 1];
        double sum = 0;
        for (var i = 0; i <= radius; i++)
        {
            weights[i] = i == 0 ? 1 : Math.Exp(-0.5 * i * i / (sigma * sigma));
            sum += i == 0 ? weights[i] : 2 * weights[i];
        }

        return Array.ConvertAll(weights, w => (float)(w / sum));
    }

    private static int Mirror(int i, int length)
    {
        var period = 2 * length;
        i = ((i % period) + period) % period;
        return i < length ? i : period - 1 - i;
    }

    private static void Convolve(float[] padded, int centre, float[] kernel, Span<float> output)
    {
        var x = 0;
        for (; x <= output.Length - Vector<float>.Count; x += Vector<float>.Count)
        {
            var sum = new Vector<float>(padded, centre + x) * kernel[0];
            for (var i = 1; i < kernel.Length; i++)
                sum += (new Vector<float>(padded, centre + x - i) + new Vector<float>(padded, centre + x + i)) * kernel[i];
            sum.CopyTo(output[x..]);
        }

        for (; x < output.Length; x++)
        {
            var sum = padded[centre + x] * kernel[0];
            for (var i = 1; i < kernel.Length; i++)
                sum += (padded[centre + x - i] + padded[centre + x + i]) * kernel[i];
            output[x] = sum;
        }
    }

    private static void Scale(ReadOnlySpan<float> a, float weight, Span<float> output)
    {
        for (var x = 0; x < output.Length; x++)
            output[x] = a[x] * weight;
    }

    private static void AddPair(ReadOnlySpan<float> a, ReadOnlySpan<float> b, float weight, Span<float> output)
    {
        var va = MemoryMarshal.Cast<float, Vector<float>>(a);
        var vb = MemoryMarshal.Cast<float, Vector<float>>(b);
        var vo = MemoryMarshal.Cast<float, Vector<float>>(output);
        for (var i = 0; i < vo.Length; i++)
            vo[i] += (va[i] + vb[i]) * weight;
        for (var x = vo.Length * Vector<float>.Count; x < output.Length; x++)
            output[x] += (a[x] + b[x]) * weight;
    }
}
