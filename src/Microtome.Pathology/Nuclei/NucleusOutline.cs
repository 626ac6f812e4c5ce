using Microtome.Imaging;

namespace Microtome.Pathology;

/// <summary>
/// The outline that people see. A ring along pixel edges is a staircase of some 70 corners; through the midpoints of the pixel edges (the contour
/// that marching squares gives) slanted borders are straight, and leaving out what deviates little keeps about 20 vertices.
/// </summary>
internal static class NucleusOutline
{
    /// <summary>
    /// Largest deviation of the drawn outline from the contour, pixels. Two stretches of the contour that do not follow each other are at least
    /// sqrt(1/2) apart, so below half of that the simplified ring cannot cross itself.
    /// </summary>
    public const double Tolerance = 0.3;

    /// <summary>Smooths a ring of pixel corners. Works on small integers, so the result does not depend on where the ring lies.</summary>
    /// <param name="ring">An open ring along pixel edges, integer coordinates.</param>
    /// <returns>An open ring on multiples of half a pixel, at least four vertices.</returns>
    public static Vertex[] Smooth(ReadOnlySpan<Vertex> ring)
    {
        var midpoints = Midpoints(ring);
        var n = midpoints.Length;

        // The ring is cut at its first vertex and the one farthest from it; both stay.
        var keep = new bool[n];
        var far = 0;
        for (var i = 1; i < n; i++)
        {
            if (Squared(midpoints[i], midpoints[0]) > Squared(midpoints[far], midpoints[0]))
                far = i;
        }

        keep[0] = keep[far] = true;
        Simplify(midpoints, keep, 0, far);
        Simplify(midpoints, keep, far, n);
        var kept = keep.Count(k => k);
        if (kept < 4)
        {
            // A few pixels: the contour itself.
            Array.Fill(keep, true);
            kept = n;
        }

        var result = new Vertex[kept];
        var at = 0;
        for (var i = 0; i < n; i++)
        {
            if (keep[i])
                result[at++] = new Vertex(midpoints[i].X / 2.0, midpoints[i].Y / 2.0);
        }

        return result;
    }

    /// <summary>The midpoints of the unit edges in half pixels.</summary>
    private static (int X, int Y)[] Midpoints(ReadOnlySpan<Vertex> ring)
    {
        var length = 0;
        for (var i = 0; i < ring.Length; i++)
        {
            var (a, b) = (ring[i], ring[(i + 1) % ring.Length]);
            length += (int)(Math.Abs(a.X - b.X) + Math.Abs(a.Y - b.Y));
        }

        var result = new (int X, int Y)[length];
        var at = 0;
        for (var i = 0; i < ring.Length; i++)
        {
            var (a, b) = (ring[i], ring[(i + 1) % ring.Length]);
            var (dx, dy) = (Math.Sign(b.X - a.X), Math.Sign(b.Y - a.Y));
            var steps = (int)(Math.Abs(a.X - b.X) + Math.Abs(a.Y - b.Y));
            for (var k = 0; k < steps; k++)
                result[at++] = (((int)a.X * 2) + (dx * ((2 * k) + 1)), ((int)a.Y * 2) + (dy * ((2 * k) + 1)));
        }

        return result;
    }

    /// <summary>Douglas and Peucker 1973 between two kept vertices; index n is vertex 0 again.</summary>
    private static void Simplify((int X, int Y)[] points, bool[] keep, int from, int to)
    {
        if (to - from < 2)
            return;
        var (a, b) = (points[from], points[to % points.Length]);
        long dx = b.X - a.X, dy = b.Y - a.Y;
        var length = (dx * dx) + (dy * dy);
        long worst = 0;
        var at = -1;
        for (var i = from + 1; i < to; i++)
        {
            // Squared distance to the line times its squared length; to the point when both ends coincide.
            var cross = length == 0 ? 0 : (dx * (points[i].Y - a.Y)) - (dy * (points[i].X - a.X));
            var value = length == 0 ? Squared(points[i], a) : cross * cross;
            if (value <= worst)
                continue;
            worst = value;
            at = i;
        }

        const double limit = 4 * Tolerance * Tolerance; // coordinates are doubled
        if (at < 0 || worst <= limit * (length == 0 ? 1 : length))
            return;
        keep[at] = true;
        Simplify(points, keep, from, at);
        Simplify(points, keep, at, to);
    }

    private static long Squared((int X, int Y) a, (int X, int Y) b)
    {
        long dx = a.X - b.X, dy = a.Y - b.Y;
        return (dx * dx) + (dy * dy);
    }
}
