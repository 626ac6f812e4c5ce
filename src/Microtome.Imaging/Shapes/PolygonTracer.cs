namespace Microtome.Imaging;

/// <summary>
/// Polygons from masks and labels, exact: the rings run along pixel edges, so the area of a polygon is its number of pixels.
/// One polygon per 4-connected component; every ring is simple (where an outline touches itself at a corner it is cut into an outer
/// ring and a hole), as GeoJSON, GeoPackage and JTS demand.
/// </summary>
public static class PolygonTracer
{
    /// <summary>The polygons of the non-zero pixels, one per 4-connected component in row order.</summary>
    /// <param name="mask">0 = background.</param>
    /// <param name="holes">Whether holes are traced; without them the outer rings alone are given.</param>
    public static Polygon[] Trace(Raster<byte> mask, bool holes = true)
    {
        var (width, height) = (mask.Width, mask.Height);
        var field = new Field(width, height);
        for (var y = 0; y < height; y++)
        {
            var source = mask.Row(y);
            var row = field.Inside.AsSpan(((y + 1) * field.Stride) + 1, width);
            for (var x = 0; x < width; x++)
                row[x] = source[x] != 0 ? (byte)1 : (byte)0;
        }

        return Trace(field, 0, 0, holes);
    }

    /// <summary>The polygons of one label inside a box, in the coordinates of the whole raster.</summary>
    /// <param name="labels">Labels, 0 = background.</param>
    /// <param name="label">The label to trace.</param>
    /// <param name="box">Holds the object; see <see cref="ConnectedComponents.BoundingBoxes"/>. Pixels outside it are not looked at.</param>
    /// <param name="holes">Whether holes are traced.</param>
    /// <returns>One polygon per 4-connected part, row order; empty when the label does not occur.</returns>
    public static Polygon[] Trace(Raster<int> labels, int label, PixelBox box, bool holes = true)
    {
        if (box.IsEmpty)
            return [];
        var field = new Field(box.Width, box.Height);
        for (var y = 0; y < box.Height; y++)
        {
            var source = labels.Row(box.Y + y).Slice(box.X, box.Width);
            var row = field.Inside.AsSpan(((y + 1) * field.Stride) + 1, box.Width);
            for (var x = 0; x < source.Length; x++)
                row[x] = source[x] == label ? (byte)1 : (byte)0;
        }

        return Trace(field, box.X, box.Y, holes);
    }

    /// <summary>The largest polygon of one label, or null when it does not occur: the outline of a nucleus.</summary>
    public static Polygon? TraceLargest(Raster<int> labels, int label, PixelBox box, bool holes = false)
    {
        Polygon? largest = null;
        double area = 0;
        foreach (var polygon in Trace(labels, label, box, holes))
        {
            var a = polygon.Area;
            if (a <= area)
                continue;
            area = a;
            largest = polygon;
        }

        return largest;
    }

    private static Polygon[] Trace(Field field, int left, int top, bool holes)
    {
        var count = ConnectedComponents.Label(field.Inside, field.Stride, field.Rows, Connectivity.Four, field.Component);
        var outer = new Vertex[count][];
        var inner = new List<Vertex[]>?[count];
        var loop = new List<(int X, int Y, bool Pinch)>();
        for (var y = 1; y < field.Rows; y++)
        {
            for (var x = 1; x < field.Stride - 1; x++)
            {
                var at = (y * field.Stride) + x;

                // Every loop, outer or hole, has a top edge: a pixel inside whose upper neighbour is outside.
                if (field.Inside[at] == 0 || field.Inside[at - field.Stride] != 0 || field.Seen[at])
                    continue;
                Follow(field, x, y, loop);
                var component = field.Component[at] - 1;
                foreach (var ring in SimpleRings(loop, left - 1, top - 1))
                {
                    if (Polygon.SignedArea(ring) > 0)
                        outer[component] = ring;
                    else if (holes)
                        (inner[component] ??= []).Add(ring);
                }
            }
        }

        var polygons = new Polygon[count];
        for (var i = 0; i < count; i++)
            polygons[i] = new Polygon(outer[i], inner[i]?.ToArray());
        return polygons;
    }

    /// <summary>Walks along pixel edges with the inside on the right hand; turning right where two pixels meet at a corner keeps them apart.</summary>
    private static void Follow(Field field, int startX, int startY, List<(int X, int Y, bool Pinch)> loop)
    {
        loop.Clear();
        var inside = field.Inside;
        var stride = field.Stride;

        // (x, y) is a pixel corner: the top left corner of pixel (x, y).
        int x = startX, y = startY, dx = 1, dy = 0;
        do
        {
            if (dx == 1)
                field.Seen[(y * stride) + x] = true;
            x += dx;
            y += dy;

            // The pixels ahead: those of the four around the corner that lie in the direction of travel.
            var below = y * stride;
            var above = below - stride;
            var (aheadRight, aheadLeft) = (dx, dy) switch
            {
                (1, 0) => (inside[below + x], inside[above + x]),
                (-1, 0) => (inside[above + x - 1], inside[below + x - 1]),
                (0, 1) => (inside[below + x - 1], inside[below + x]),
                _ => (inside[above + x], inside[above + x - 1]),
            };
            if (aheadRight == 0)
            {
                loop.Add((x, y, aheadLeft != 0));
                (dx, dy) = (-dy, dx);
            }
            else if (aheadLeft != 0)
            {
                loop.Add((x, y, false));
                (dx, dy) = (dy, -dx);
            }
        }
        while (x != startX || y != startY || dx != 1 || dy != 0);
    }

    /// <summary>Cuts a loop at the corners that it passes twice.</summary>
    private static List<Vertex[]> SimpleRings(List<(int X, int Y, bool Pinch)> loop, int dx, int dy)
    {
        var rings = new List<Vertex[]>(1);
        Dictionary<(int, int), int>? open = null;
        var stack = new List<Vertex>(loop.Count);
        foreach (var (x, y, pinch) in loop)
        {
            if (pinch)
            {
                open ??= [];
                if (open.TryGetValue((x, y), out var from))
                {
                    rings.Add(stack.GetRange(from, stack.Count - from).ToArray());
                    for (var i = from + 1; i < stack.Count; i++)
                        open.Remove(((int)stack[i].X - dx, (int)stack[i].Y - dy));
                    stack.RemoveRange(from + 1, stack.Count - from - 1);
                    continue;
                }

                open.Add((x, y), stack.Count);
            }

            stack.Add(new Vertex(x + dx, y + dy));
        }

        rings.Add([.. stack]);
        return rings;
    }

    /// <summary>The pixels with a frame of background one pixel wide.</summary>
    private sealed class Field(int width, int height)
    {
        public int Stride { get; } = width + 2;

        public int Rows { get; } = height + 2;

        public byte[] Inside { get; } = new byte[(width + 2) * (height + 2)];

        public bool[] Seen { get; } = new bool[(width + 2) * (height + 2)];

        public int[] Component { get; } = new int[(width + 2) * (height + 2)];
    }
}
