namespace Microtome.Imaging;

/// <summary>
/// An outer ring and its holes. Rings are open (the last vertex is not the first again). In the y-down frame of images the outer
/// ring of a traced polygon has positive <see cref="SignedArea"/> and its holes negative.
/// </summary>
public sealed class Polygon
{
    /// <summary>Makes a polygon.</summary>
    /// <param name="exterior">The outer ring, at least three vertices.</param>
    /// <param name="holes">The holes, each at least three vertices.</param>
    /// <exception cref="ArgumentException">A ring has fewer than three vertices.</exception>
    public Polygon(Vertex[] exterior, Vertex[][]? holes = null)
    {
        Exterior = exterior;
        Holes = holes ?? [];
        if (exterior.Length < 3 || Holes.Any(h => h.Length < 3))
            throw new ArgumentException("A ring needs at least three vertices.", nameof(exterior));
    }

    /// <summary>The outer ring, open.</summary>
    public Vertex[] Exterior { get; }

    /// <summary>The holes, open rings.</summary>
    public Vertex[][] Holes { get; }

    /// <summary>The area inside the outer ring less the holes, square units of the coordinates (shoelace formula, exact for traced pixels).</summary>
    public double Area => Math.Abs(SignedArea(Exterior)) - Holes.Sum(h => Math.Abs(SignedArea(h)));

    /// <summary>The smallest rectangle that holds the outer ring: left, top, right, bottom.</summary>
    public (double Left, double Top, double Right, double Bottom) Bounds
    {
        get
        {
            double left = double.PositiveInfinity, top = left, right = double.NegativeInfinity, bottom = right;
            foreach (var v in Exterior)
            {
                left = Math.Min(left, v.X);
                right = Math.Max(right, v.X);
                top = Math.Min(top, v.Y);
                bottom = Math.Max(bottom, v.Y);
            }

            return (left, top, right, bottom);
        }
    }

    /// <summary>Twice-signed shoelace area of an open ring halved: positive when the ring runs clockwise on the screen (y down).</summary>
    public static double SignedArea(ReadOnlySpan<Vertex> ring)
    {
        double sum = 0;
        for (int i = 0, j = ring.Length - 1; i < ring.Length; j = i++)
            sum += (ring[j].X * ring[i].Y) - (ring[i].X * ring[j].Y);
        return sum / 2;
    }

    /// <summary>The centre of mass of the area, holes left out.</summary>
    public Vertex Centroid()
    {
        // Coordinates are taken relative to a vertex: level-0 values near 1e5 squared would cost digits.
        var origin = Exterior[0];
        double area = 0, mx = 0, my = 0;
        Add(Exterior, 1);
        foreach (var hole in Holes)
            Add(hole, -1);
        return area == 0 ? origin : new Vertex(origin.X + (mx / (3 * area)), origin.Y + (my / (3 * area)));

        void Add(Vertex[] ring, int role)
        {
            double sign = role * Math.Sign(SignedArea(ring));
            for (int i = 0, j = ring.Length - 1; i < ring.Length; j = i++)
            {
                double ax = ring[j].X - origin.X, ay = ring[j].Y - origin.Y, bx = ring[i].X - origin.X, by = ring[i].Y - origin.Y;
                var cross = sign * ((ax * by) - (bx * ay));
                area += cross;
                mx += cross * (ax + bx);
                my += cross * (ay + by);
            }
        }
    }

    /// <summary>Each vertex multiplied, then moved: x * scaleX + dx, y * scaleY + dy.</summary>
    public Polygon Transform(double scaleX, double scaleY, double dx = 0, double dy = 0)
    {
        return new Polygon(Map(Exterior), Array.ConvertAll(Holes, Map));

        Vertex[] Map(Vertex[] ring) => Array.ConvertAll(ring, v => new Vertex((v.X * scaleX) + dx, (v.Y * scaleY) + dy));
    }

    /// <summary>From the pixels of an analysis grid to level-0 pixels.</summary>
    public Polygon ToLevel0(AnalysisGrid grid) => Transform(grid.ScaleX, grid.ScaleY);

    /// <summary>Whether the point lies inside the outer ring and in no hole (even-odd rule; points on an edge belong to one side only).</summary>
    public bool Contains(double x, double y)
    {
        var inside = Crosses(Exterior, x, y);
        foreach (var hole in Holes)
            inside ^= Crosses(hole, x, y);
        return inside;
    }

    private static bool Crosses(Vertex[] ring, double x, double y)
    {
        var odd = false;
        for (int i = 0, j = ring.Length - 1; i < ring.Length; j = i++)
        {
            var (a, b) = (ring[i], ring[j]);
            if ((a.Y > y) != (b.Y > y) && x < ((b.X - a.X) * (y - a.Y) / (b.Y - a.Y)) + a.X)
                odd = !odd;
        }

        return odd;
    }
}
