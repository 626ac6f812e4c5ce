namespace Microtome.Imaging;

/// <summary>Which level pixels make a grid pixel along one axis, and with which weights (14 bits, sum exactly 16,384).</summary>
internal sealed class Taps
{
    private const int One = 1 << 14;

    private readonly int[] _weights;
    private readonly int _most;
    private readonly int[] _count;

    /// <param name="start">The first grid pixel; a whole number unless the grid does not begin with the slide.</param>
    /// <param name="length">Number of grid pixels.</param>
    /// <param name="ratio">Level pixels per grid pixel.</param>
    public Taps(double start, int length, double ratio)
    {
        bool area = ratio >= GridReader.AreaFrom;
        _most = area ? (int)Math.Ceiling(ratio) + 1 : 2;
        First = new long[length];
        _count = new int[length];
        _weights = new int[checked(length * _most)];
        for (int i = 0; i < length; i++)
        {
            if (area)
                Area(i, start + i, ratio);
            else
                Linear(i, start + i, ratio);
        }
    }

    /// <summary>The first level pixel of each grid pixel.</summary>
    public long[] First { get; }

    public ReadOnlySpan<int> Weights(int i) => _weights.AsSpan(i * _most, _count[i]);

    /// <summary>Level pixels from the first tap of grid pixel <paramref name="i"/> to the last tap of the last of <paramref name="count"/>.</summary>
    public int Span(int i, int count) => checked((int)(First[i + count - 1] + _count[i + count - 1] - First[i]));

    /// <summary>How many grid pixels from <paramref name="i"/> on span at most <paramref name="levelPixels"/>; at least one.</summary>
    public int Fitting(int i, long levelPixels)
    {
        int count = 1;
        while (i + count < First.Length && First[i + count] + _count[i + count] - First[i] <= levelPixels)
            count++;
        return count;
    }

    /// <summary>Reduces one row: sums of 8-bit samples times 14-bit weights, kept as 14 bits.</summary>
    public static void Along(ReadOnlySpan<byte> source, Taps taps, int x0, int count, Span<ushort> target)
    {
        long origin = taps.First[x0];
        for (int x = 0; x < count; x++)
        {
            int at = (int)(taps.First[x0 + x] - origin) * 3;
            int r = 128, g = 128, b = 128;
            foreach (int weight in taps.Weights(x0 + x))
            {
                r += weight * source[at];
                g += weight * source[at + 1];
                b += weight * source[at + 2];
                at += 3;
            }

            target[x * 3] = (ushort)(r >> 8);
            target[(x * 3) + 1] = (ushort)(g >> 8);
            target[(x * 3) + 2] = (ushort)(b >> 8);
        }
    }

    // The centre of grid pixel i lies at (i + 1/2) * ratio; level pixel centres lie at halves.
    private void Linear(int i, double grid, double ratio)
    {
        double centre = ((grid + 0.5) * ratio) - 0.5;
        double floor = Math.Floor(centre);
        int second = (int)Math.Round((centre - floor) * One);
        First[i] = (long)floor;
        _weights[i * _most] = One - second;
        _weights[(i * _most) + 1] = second;
        _count[i] = second == 0 ? 1 : 2;
    }

    private void Area(int i, double grid, double ratio)
    {
        double from = grid * ratio;
        double to = (grid + 1) * ratio;
        long first = (long)Math.Floor(from + 1e-9);
        long last = (long)Math.Ceiling(to - 1e-9);
        First[i] = first;
        int count = (int)Math.Min(last - first, _most);
        _count[i] = count;
        Span<int> weights = _weights.AsSpan(i * _most, count);

        // Rounding errors go from pixel to pixel, so that the weights sum to one exactly.
        int given = 0;
        for (int t = 0; t < count; t++)
        {
            double end = t == count - 1 ? to : Math.Min(to, first + t + 1);
            int until = t == count - 1 ? One : (int)Math.Round((end - from) / ratio * One);
            weights[t] = until - given;
            given = until;
        }
    }
}
