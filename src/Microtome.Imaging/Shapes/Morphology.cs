namespace Microtome.Imaging;

/// <summary>
/// Binary morphology in time that does not depend on the radius. Outside the raster there is nothing to dilate from and nothing that erodes.
/// Closing works on the mask in the middle of an empty plane: it never loses a pixel and does not fill the gap between an object and the border.
/// Opening never adds a pixel.
/// </summary>
public static class Morphology
{
    /// <summary>Pixels within <paramref name="radius"/> of a set pixel (disk: dx^2 + dy^2 &lt;= radius^2).</summary>
    public static Raster<byte> DilateDisk(Raster<byte> mask, double radius) => Within(mask, radius, inside: false);

    /// <summary>Set pixels that have no clear pixel within <paramref name="radius"/>.</summary>
    public static Raster<byte> ErodeDisk(Raster<byte> mask, double radius) => Within(mask, radius, inside: true);

    /// <summary>Dilation, then erosion by a disk: closes gaps up to twice the radius.</summary>
    public static Raster<byte> CloseDisk(Raster<byte> mask, double radius) => Closed(mask, (int)Math.Ceiling(radius), m => ErodeDisk(DilateDisk(m, radius), radius));

    /// <summary>Erosion, then dilation by a disk: removes what is thinner than twice the radius.</summary>
    public static Raster<byte> OpenDisk(Raster<byte> mask, double radius) => DilateDisk(ErodeDisk(mask, radius), radius);

    /// <summary>Pixels within <paramref name="radius"/> rows and columns of a set pixel.</summary>
    public static Raster<byte> DilateSquare(Raster<byte> mask, int radius)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(radius);
        var (width, height) = (mask.Width, mask.Height);
        var result = new Raster<byte>(width, height);
        for (var y = 0; y < height; y++)
            SpreadRow(mask.Row(y), result.Row(y), radius);

        // The same along columns, all columns of a row at once: rows since the last set pixel above, then below.
        var since = new int[width];
        var across = result.Samples.AsSpan().ToArray();
        for (var pass = 0; pass < 2; pass++)
        {
            Array.Fill(since, radius + 1);
            for (var i = 0; i < height; i++)
            {
                var y = pass == 0 ? i : height - 1 - i;
                var source = across.AsSpan(y * width, width);
                var row = result.Row(y);
                for (var x = 0; x < width; x++)
                {
                    since[x] = source[x] != 0 ? 0 : Math.Min(since[x] + 1, radius + 1);
                    if (since[x] <= radius)
                        row[x] = 1;
                }
            }
        }

        return result;
    }

    /// <summary>Set pixels that have no clear pixel within <paramref name="radius"/> rows and columns.</summary>
    public static Raster<byte> ErodeSquare(Raster<byte> mask, int radius)
        => ConnectedComponents.Invert(DilateSquare(ConnectedComponents.Invert(mask), radius));

    /// <summary>Dilation, then erosion by a square.</summary>
    public static Raster<byte> CloseSquare(Raster<byte> mask, int radius) => Closed(mask, radius, m => ErodeSquare(DilateSquare(m, radius), radius));

    /// <summary>Erosion, then dilation by a square.</summary>
    public static Raster<byte> OpenSquare(Raster<byte> mask, int radius) => DilateSquare(ErodeSquare(mask, radius), radius);

    private static Raster<byte> Closed(Raster<byte> mask, int margin, Func<Raster<byte>, Raster<byte>> close)
    {
        // Beyond the margin the dilation is empty, so its erosion sees the plane as it is.
        margin++;
        var plane = new Raster<byte>(mask.Width + (2 * margin), mask.Height + (2 * margin));
        for (var y = 0; y < mask.Height; y++)
            mask.Row(y).CopyTo(plane.Row(y + margin)[margin..]);
        plane = close(plane);
        var result = new Raster<byte>(mask.Width, mask.Height);
        for (var y = 0; y < mask.Height; y++)
            plane.Row(y + margin).Slice(margin, mask.Width).CopyTo(result.Row(y));
        return result;
    }

    private static void SpreadRow(ReadOnlySpan<byte> source, Span<byte> row, int radius)
    {
        var until = -1L;
        for (var x = 0; x < row.Length; x++)
        {
            if (source[x] == 0)
                continue;
            var from = Math.Max(until, x - (long)radius);
            until = Math.Min(row.Length, x + (long)radius + 1);
            if (until > from)
                row[(int)Math.Max(0, from)..(int)until].Fill(1);
        }
    }

    private static Raster<byte> Within(Raster<byte> mask, double radius, bool inside)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(radius);
        var limit = (long)Math.Floor(radius * radius);
        var result = new Raster<byte>(mask.Width, mask.Height);
        DistanceTransform.EachRow(mask, inside, (y, squared) =>
        {
            var row = result.Row(y);
            for (var x = 0; x < row.Length; x++)
                row[x] = squared[x] <= limit == inside ? (byte)0 : (byte)1;
        });
        return result;
    }
}
