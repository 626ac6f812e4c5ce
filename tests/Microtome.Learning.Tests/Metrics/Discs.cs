using Microtome.Imaging;

namespace Microtome.Learning.Tests;

/// <summary>The discs of record_scores.py, made by the same integer recurrence.</summary>
internal static class Discs
{
    public static Raster<int> Draw(long seed, int count, int size, int jitter = 0, int drop = 0)
    {
        var state = seed;
        int Next(int n)
        {
            state = ((state * 1103515245) + 12345) % (1L << 31);
            return (int)((state >> 8) % n);
        }

        var labels = new Raster<int>(size, size);
        for (var k = 1; k <= count; k++)
        {
            var (x, y, r) = (Next(size), Next(size), 3 + Next(7));
            var (jx, jy) = (Next(5) - 2, Next(5) - 2);
            if (drop > 0 && k % drop == 0)
                continue;
            x += jx * jitter;
            y += jy * jitter;
            for (var v = 0; v < size; v++)
            {
                for (var u = 0; u < size; u++)
                {
                    if (((u - x) * (u - x)) + ((v - y) * (v - y)) <= r * r)
                        labels[u, v] = k * 3;
                }
            }
        }

        return labels;
    }
}
