namespace Microtome.Imaging;

/// <summary>Masks from polygons: a pixel is set when its centre lies inside (even-odd rule over the rings of one polygon).</summary>
public static class PolygonRasterizer
{
    /// <summary>A mask of the polygons' union; the exact inverse of <see cref="PolygonTracer.Trace(Raster{byte}, bool)"/>.</summary>
    public static Raster<byte> ToMask(IEnumerable<Polygon> polygons, int width, int height)
    {
        var mask = new Raster<byte>(width, height);
        foreach (var polygon in polygons)
            Fill(mask, polygon, (byte)1);
        return mask;
    }

    /// <summary>Sets the pixels whose centres lie inside the polygon; what lies outside the raster is cut off.</summary>
    /// <exception cref="ArgumentException">A coordinate is not a finite number.</exception>
    public static void Fill<T>(Raster<T> raster, Polygon polygon, T value)
        where T : unmanaged
    {
        var starts = new int[raster.Height + 1];
        foreach (var edge in Edges(polygon))
        {
            var (first, last) = Rows(edge, raster.Height);
            for (var y = first; y < last; y++)
                starts[y + 1]++;
        }

        for (var y = 0; y < raster.Height; y++)
            starts[y + 1] += starts[y];
        var crossings = new double[starts[^1]];
        var next = starts.AsSpan(0, raster.Height).ToArray();
        foreach (var edge in Edges(polygon))
        {
            var (a, b) = edge;
            var (first, last) = Rows(edge, raster.Height);
            for (var y = first; y < last; y++)
                crossings[next[y]++] = a.X + ((b.X - a.X) * ((y + 0.5 - a.Y) / (b.Y - a.Y)));
        }

        for (var y = 0; y < raster.Height; y++)
        {
            var row = crossings.AsSpan(starts[y], starts[y + 1] - starts[y]);
            row.Sort();
            for (var i = 0; i + 1 < row.Length; i += 2)
            {
                var from = FirstCentre(row[i], raster.Width);
                var to = FirstCentre(row[i + 1], raster.Width);
                if (to > from)
                    raster.Row(y)[from..to].Fill(value);
            }
        }
    }

    /// <summary>The first column whose centre lies at or right of x.</summary>
    private static int FirstCentre(double x, int width) => (int)Math.Clamp(Math.Ceiling(x - 0.5), 0, width);

    /// <summary>The rows whose centre line the edge crosses, half-open so that a vertex on a centre line counts once.</summary>
    private static (int First, int Last) Rows((Vertex A, Vertex B) edge, int height)
    {
        var (low, high) = edge.A.Y < edge.B.Y ? (edge.A.Y, edge.B.Y) : (edge.B.Y, edge.A.Y);
        return (FirstCentre(low, height), FirstCentre(high, height));
    }

    private static IEnumerable<(Vertex A, Vertex B)> Edges(Polygon polygon)
    {
        for (var r = -1; r < polygon.Holes.Length; r++)
        {
            var ring = r < 0 ? polygon.Exterior : polygon.Holes[r];
            for (int i = 0, j = ring.Length - 1; i < ring.Length; j = i++)
            {
                if (!double.IsFinite(ring[i].X) || !double.IsFinite(ring[i].Y))
                    throw new ArgumentException($"The vertex ({ring[i].X}, {ring[i].Y}) is not finite.", nameof(polygon));
                if (ring[i].Y != ring[j].Y)
                    yield return (ring[j], ring[i]);
            }
        }
    }
}
