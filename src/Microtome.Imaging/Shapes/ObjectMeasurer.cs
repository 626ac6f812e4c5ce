namespace Microtome.Imaging;

/// <summary>Measures labelled objects. One instance keeps its buffers for many objects; it is not for use by several threads at once.</summary>
public sealed class ObjectMeasurer
{
    private byte[] inside = [];
    private byte[] border = [];

    /// <summary>Measures one label.</summary>
    /// <param name="labels">Labels, 0 = background.</param>
    /// <param name="label">The object; all its parts count, joined or not.</param>
    /// <param name="box">Holds the object; pixels outside it are not looked at.</param>
    /// <exception cref="ArgumentException">The label does not occur in the box.</exception>
    public ObjectMeasurements Measure(Raster<int> labels, int label, PixelBox box)
    {
        // The object with a frame of two background pixels, so that neighbourhoods need no border test.
        var stride = box.Width + 4;
        var size = stride * (box.Height + 4);
        if (inside.Length < size)
        {
            inside = new byte[size];
            border = new byte[size];
        }

        Array.Clear(inside, 0, size);
        Array.Clear(border, 0, size);
        long n = 0, sx = 0, sy = 0;
        double sxx = 0, syy = 0, sxy = 0;
        for (var y = 0; y < box.Height; y++)
        {
            var source = labels.Row(box.Y + y).Slice(box.X, box.Width);
            var row = inside.AsSpan(((y + 2) * stride) + 2, box.Width);
            long rowCount = 0, rowSum = 0, rowSquares = 0;
            for (var x = 0; x < source.Length; x++)
            {
                if (source[x] != label)
                    continue;
                row[x] = 1;
                rowCount++;
                rowSum += x;
                rowSquares += (long)x * x;
            }

            n += rowCount;
            sx += rowSum;
            sy += rowCount * y;
            sxx += rowSquares;
            syy += (double)rowCount * y * y;
            sxy += (double)rowSum * y;
        }

        if (n == 0)
            throw new ArgumentException($"Label {label} does not occur in the box at ({box.X}, {box.Y}) of {box.Width} x {box.Height} pixels.", nameof(label));
        double cx = (double)sx / n, cy = (double)sy / n;
        double vx = Math.Max(0, (sxx / n) - (cx * cx)), vy = Math.Max(0, (syy / n) - (cy * cy)), vxy = (sxy / n) - (cx * cy);
        var middle = (vx + vy) / 2;
        var spread = Math.Sqrt(((vx - vy) * (vx - vy) / 4) + (vxy * vxy));
        double l1 = middle + spread, l2 = Math.Max(0, middle - spread);
        return new ObjectMeasurements
        {
            Area = (int)n,
            Centroid = new Vertex(box.X + cx + 0.5, box.Y + cy + 0.5),
            Perimeter = Perimeter(stride, size),
            MajorAxis = 4 * Math.Sqrt(l1),
            MinorAxis = 4 * Math.Sqrt(l2),
            Eccentricity = l1 <= 0 ? 0 : Math.Sqrt(1 - (l2 / l1)),
            Orientation = spread == 0 ? 0 : Math.Atan2(2 * vxy, vx - vy) / 2,
            ConvexArea = ConvexHull.PixelCount(inside, stride, box.Height + 4),
        };
    }

    private double Perimeter(int stride, int size)
    {
        for (var i = stride; i < size - stride; i++)
        {
            if (inside[i] != 0 && (inside[i - 1] & inside[i + 1] & inside[i - stride] & inside[i + stride]) == 0)
                border[i] = 1;
        }

        int straight = 0, diagonal = 0, mixed = 0;
        for (var i = stride + 1; i < size - stride - 1; i++)
        {
            if (border[i] == 0)
                continue;
            var edges = border[i - 1] + border[i + 1] + border[i - stride] + border[i + stride];
            var corners = border[i - stride - 1] + border[i - stride + 1] + border[i + stride - 1] + border[i + stride + 1];
            switch (edges, corners)
            {
                case (2, 0) or (2, 1) or (2, 2) or (3, 0) or (3, 1) or (3, 2):
                    straight++;
                    break;
                case (0, 2) or (1, 3):
                    diagonal++;
                    break;
                case (1, 1) or (1, 2):
                    mixed++;
                    break;
            }
        }

        return straight + (diagonal * Math.Sqrt(2)) + (mixed * (1 + Math.Sqrt(2)) / 2);
    }
}
