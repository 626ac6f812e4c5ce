namespace Microtome.Imaging;

/// <summary>
/// Exact Euclidean distances (Felzenszwalb and Huttenlocher, Distance Transforms of Sampled Functions, Theory of Computing 8, 2012):
/// columns first, then the lower envelope of parabolas along each row.
/// </summary>
public static class DistanceTransform
{
    private const int Far = int.MaxValue / 2;

    /// <summary>The distance of each non-zero pixel's centre to the centre of the nearest zero pixel, pixels; 0 on zero pixels.</summary>
    /// <returns>Infinity everywhere when no pixel is zero.</returns>
    public static Raster<float> ToBackground(Raster<byte> mask)
    {
        var result = new Raster<float>(mask.Width, mask.Height);
        EachRow(mask, inside: true, (y, squared) =>
        {
            var row = result.Row(y);
            for (var x = 0; x < row.Length; x++)
                row[x] = squared[x] == long.MaxValue ? float.PositiveInfinity : MathF.Sqrt(squared[x]);
        });
        return result;
    }

    /// <summary>Gives each row of squared distances to the nearest zero pixel (inside) or non-zero pixel; the largest long where there is none.</summary>
    internal static void EachRow(Raster<byte> mask, bool inside, Action<int, long[]> use)
    {
        var (width, height) = (mask.Width, mask.Height);
        var column = new int[mask.Samples.Length];
        for (var y = 0; y < height; y++)
        {
            var source = mask.Row(y);
            var row = column.AsSpan(y * width, width);
            var above = y > 0 ? column.AsSpan((y - 1) * width, width) : default;
            for (var x = 0; x < width; x++)
                row[x] = source[x] != 0 == inside ? (y > 0 ? Math.Min(above[x] + 1, Far) : Far) : 0;
        }

        for (var y = height - 2; y >= 0; y--)
        {
            var row = column.AsSpan(y * width, width);
            var below = column.AsSpan((y + 1) * width, width);
            for (var x = 0; x < width; x++)
                row[x] = Math.Min(row[x], below[x] + 1);
        }

        var squared = new long[width];
        var sites = new int[width];
        var ends = new double[width];
        for (var y = 0; y < height; y++)
        {
            Envelope(column.AsSpan(y * width, width), squared, sites, ends);
            use(y, squared);
        }
    }

    /// <summary>The lower envelope of the parabolas f[v]^2 + (q - v)^2: sites are the parabolas of it, ends where each begins.</summary>
    private static void Envelope(ReadOnlySpan<int> f, Span<long> d, int[] sites, double[] ends)
    {
        var k = -1;
        for (var q = 0; q < f.Length; q++)
        {
            if (f[q] >= Far)
                continue;
            var height = ((long)f[q] * f[q]) + ((long)q * q);
            double s = double.NegativeInfinity;
            while (k >= 0)
            {
                var v = sites[k];
                s = (height - (((long)f[v] * f[v]) + ((long)v * v))) / (2.0 * (q - v));
                if (s > ends[k])
                    break;
                k--;
                s = double.NegativeInfinity;
            }

            k++;
            sites[k] = q;
            ends[k] = s;
        }

        if (k < 0)
        {
            d.Fill(long.MaxValue);
            return;
        }

        var last = k;
        k = 0;
        for (var q = 0; q < f.Length; q++)
        {
            while (k < last && ends[k + 1] < q)
                k++;
            long gap = q - sites[k], rise = f[sites[k]];
            d[q] = (gap * gap) + (rise * rise);
        }
    }
}
