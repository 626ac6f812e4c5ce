namespace Microtome.Imaging;

/// <summary>Convex hulls of pixels, by monotone chains over the rows, in integers.</summary>
internal static class ConvexHull
{
    /// <summary>
    /// Pixels whose centres lie in the hull of the edge midpoints of the set pixels (scikit-image's convex_hull_image). In doubled coordinates
    /// all is integer: centres are even, midpoints have one odd coordinate.
    /// </summary>
    internal static int PixelCount(ReadOnlySpan<byte> inside, int stride, int rows)
    {
        // Per doubled row the leftmost and rightmost midpoint: rows of centres (even) and of edges between rows (odd).
        var left = new int[(2 * rows) + 1];
        var right = new int[(2 * rows) + 1];
        Array.Fill(left, int.MaxValue);
        Array.Fill(right, int.MinValue);
        for (var y = 1; y < rows - 1; y++)
        {
            var row = inside.Slice(y * stride, stride);
            var first = row.IndexOf((byte)1);
            if (first < 0)
                continue;
            var last = row.LastIndexOf((byte)1);
            for (var d = -1; d <= 1; d++)
            {
                var reach = d == 0 ? 1 : 0;
                left[(2 * y) + d] = Math.Min(left[(2 * y) + d], (2 * first) - reach);
                right[(2 * y) + d] = Math.Max(right[(2 * y) + d], (2 * last) + reach);
            }
        }

        var leftChain = Chain(left, 1);
        var rightChain = Chain(right, -1);
        var count = 0;
        int l = 0, r = 0;
        var top = leftChain[0];
        var bottom = leftChain[^1];
        for (var y = top + (top & 1); y <= bottom; y += 2)
        {
            while (l + 2 < leftChain.Count && leftChain[l + 1] <= y)
                l++;
            while (r + 2 < rightChain.Count && rightChain[r + 1] <= y)
                r++;
            var from = Ceiling(At(left, leftChain, l, y), 2);
            var to = -Ceiling(Negate(At(right, rightChain, r, y)), 2);
            if (to >= from)
                count += (int)(to - from + 1);
        }

        return count;

        static (long Numerator, long Denominator) Negate((long N, long D) f) => (-f.N, f.D);

        // The smallest integer k with k * step >= numerator / denominator.
        static long Ceiling((long N, long D) f, long step)
        {
            var d = f.D * step;
            return f.N >= 0 ? (f.N + d - 1) / d : -(-f.N / d);
        }

        static (long N, long D) At(int[] side, List<int> chain, int i, int y)
        {
            if (chain.Count == 1)
                return (side[y], 1);
            long y0 = chain[i], y1 = chain[i + 1];
            return ((side[y0] * (y1 - y)) + (side[y1] * (y - y0)), y1 - y0);
        }
    }

    /// <summary>The rows at which one side of the hull bends; sign 1 keeps the hull's left side, -1 its right side.</summary>
    private static List<int> Chain(int[] side, int sign)
    {
        var chain = new List<int>();
        for (var y = 0; y < side.Length; y++)
        {
            if (side[y] is int.MaxValue or int.MinValue)
                continue;
            while (chain.Count >= 2)
            {
                int a = chain[^2], b = chain[^1];
                var bend = ((long)(side[b] - side[a]) * (y - a)) - ((long)(side[y] - side[a]) * (b - a));
                if (bend * sign < 0)
                    break;
                chain.RemoveAt(chain.Count - 1);
            }

            chain.Add(y);
        }

        return chain;
    }
}
