namespace Microtome.Imaging;

/// <summary>Connected components of masks and what follows directly from them.</summary>
public static class ConnectedComponents
{
    /// <summary>Numbers the components of the non-zero pixels 1, 2, ... in the order in which their first pixel is met row by row.</summary>
    /// <returns>Labels, 0 = background, and the number of components.</returns>
    public static (Raster<int> Labels, int Count) Label(Raster<byte> mask, Connectivity connectivity = Connectivity.Four)
    {
        var labels = new Raster<int>(mask.Width, mask.Height);
        return (labels, Label(mask.Samples, mask.Width, mask.Height, connectivity, labels.Samples));
    }

    /// <summary>Splits each label into its connected parts, numbered anew row by row; touching objects of different labels stay apart.</summary>
    public static (Raster<int> Labels, int Count) Relabel(Raster<int> labels, Connectivity connectivity = Connectivity.Four)
    {
        var result = new Raster<int>(labels.Width, labels.Height);
        return (result, Label(labels.Samples, labels.Width, labels.Height, connectivity, result.Samples));
    }

    /// <summary>The bounding box of each label; index 0 is unused, labels that do not occur have an empty box.</summary>
    /// <exception cref="ArgumentException">A label is negative or larger than <paramref name="count"/>.</exception>
    public static PixelBox[] BoundingBoxes(Raster<int> labels, int count)
    {
        var (left, top, right, bottom) = (new int[count + 1], new int[count + 1], new int[count + 1], new int[count + 1]);
        Array.Fill(left, int.MaxValue);
        for (var y = 0; y < labels.Height; y++)
        {
            var row = labels.Row(y);
            for (var x = 0; x < row.Length; x++)
            {
                var label = row[x];
                if (label == 0)
                    continue;
                if ((uint)label > (uint)count)
                    throw new ArgumentException($"Label {label} at ({x}, {y}) lies outside 0..{count}.", nameof(labels));
                if (left[label] == int.MaxValue)
                    top[label] = y;
                left[label] = Math.Min(left[label], x);
                right[label] = Math.Max(right[label], x + 1);
                bottom[label] = y + 1;
            }
        }

        var boxes = new PixelBox[count + 1];
        for (var i = 1; i <= count; i++)
            boxes[i] = left[i] == int.MaxValue ? default : new PixelBox(left[i], top[i], right[i] - left[i], bottom[i] - top[i]);
        return boxes;
    }

    /// <summary>The number of pixels of each label; index 0 counts the background.</summary>
    public static int[] Areas(Raster<int> labels, int count)
    {
        var areas = new int[count + 1];
        foreach (var label in labels.Samples)
            areas[label]++;
        return areas;
    }

    /// <summary>Sets background pixels that no path of background pixels (sharing edges) joins to the border.</summary>
    /// <param name="mask">Changed in place; 0 = background.</param>
    /// <param name="largest">Holes with more pixels than this stay.</param>
    /// <returns>The number of pixels that were set.</returns>
    public static int FillHoles(Raster<byte> mask, long largest = long.MaxValue)
    {
        var (holes, count) = Label(Invert(mask));
        var areas = Areas(holes, count);
        var keep = new bool[count + 1];
        keep[0] = true;
        for (var i = 1; i <= count; i++)
            keep[i] = areas[i] > largest;
        for (var x = 0; x < mask.Width; x++)
            keep[holes[x, 0]] = keep[holes[x, mask.Height - 1]] = true;
        for (var y = 0; y < mask.Height; y++)
            keep[holes[0, y]] = keep[holes[mask.Width - 1, y]] = true;
        var filled = 0;
        for (var i = 0; i < mask.Samples.Length; i++)
        {
            if (keep[holes.Samples[i]])
                continue;
            mask.Samples[i] = 1;
            filled++;
        }

        return filled;
    }

    /// <summary>Clears components with fewer pixels than <paramref name="smallest"/>.</summary>
    /// <returns>The number of pixels that were cleared.</returns>
    public static int RemoveSmall(Raster<byte> mask, long smallest, Connectivity connectivity = Connectivity.Eight)
    {
        var (labels, count) = Label(mask, connectivity);
        var areas = Areas(labels, count);
        var removed = 0;
        for (var i = 0; i < mask.Samples.Length; i++)
        {
            if (mask.Samples[i] == 0 || areas[labels.Samples[i]] >= smallest)
                continue;
            mask.Samples[i] = 0;
            removed++;
        }

        return removed;
    }

    internal static Raster<byte> Invert(Raster<byte> mask)
    {
        var inverse = new byte[mask.Samples.Length];
        for (var i = 0; i < inverse.Length; i++)
            inverse[i] = mask.Samples[i] == 0 ? (byte)1 : (byte)0;
        return new Raster<byte>(mask.Width, mask.Height, inverse);
    }

    /// <summary>Two passes with union-find; equal non-zero neighbours join. The smaller root wins, so roots come in row order.</summary>
    internal static int Label<T>(ReadOnlySpan<T> source, int width, int height, Connectivity connectivity, Span<int> labels)
        where T : unmanaged, IEquatable<T>
    {
        var parent = new List<int> { 0 };
        var eight = connectivity == Connectivity.Eight;
        T zero = default;
        for (var y = 0; y < height; y++)
        {
            var row = source.Slice(y * width, width);
            var above = y > 0 ? source.Slice((y - 1) * width, width) : default;
            var output = labels.Slice(y * width, width);
            var outputAbove = y > 0 ? labels.Slice((y - 1) * width, width) : default;
            for (var x = 0; x < width; x++)
            {
                var value = row[x];
                if (value.Equals(zero))
                {
                    output[x] = 0;
                    continue;
                }

                var label = x > 0 && row[x - 1].Equals(value) ? output[x - 1] : 0;
                if (y > 0)
                {
                    if (above[x].Equals(value))
                        label = Join(parent, label, outputAbove[x]);
                    if (eight && x > 0 && above[x - 1].Equals(value))
                        label = Join(parent, label, outputAbove[x - 1]);
                    if (eight && x + 1 < width && above[x + 1].Equals(value))
                        label = Join(parent, label, outputAbove[x + 1]);
                }

                if (label == 0)
                {
                    label = parent.Count;
                    parent.Add(label);
                }

                output[x] = label;
            }
        }

        var final = new int[parent.Count];
        var count = 0;
        for (var i = 1; i < final.Length; i++)
            final[i] = parent[i] == i ? ++count : final[Root(parent, i)];
        for (var i = 0; i < width * height; i++)
            labels[i] = final[labels[i]];
        return count;
    }

    private static int Join(List<int> parent, int a, int b)
    {
        if (a == 0 || a == b)
            return b;
        a = Root(parent, a);
        b = Root(parent, b);
        if (a < b)
            (a, b) = (b, a);
        parent[a] = b;
        return b;
    }

    private static int Root(List<int> parent, int label)
    {
        while (parent[label] != label)
        {
            parent[label] = parent[parent[label]];
            label = parent[label];
        }

        return label;
    }
}
