using System.Buffers;
using System.Collections.Concurrent;

namespace Microtome.Imaging;

/// <summary>
/// Resizes pictures to the byte as Pillow's <c>Image.resize((w, h), Image.BILINEAR)</c>, which is what torchvision's Resize does to pictures: a triangle filter
/// widened by the scale when shrinking, whole-number weights of 22 bits, columns first, rounded to 8 bits before the rows. May be called from many threads.
/// </summary>
public static class AntialiasedResize
{
    private const int MostTables = 64;

    private static readonly ConcurrentDictionary<(int From, int To), TriangleTaps> Tables = new();

    /// <summary>Resizes.</summary>
    /// <param name="source">The picture.</param>
    /// <param name="target">Receives it at the target's size; another picture than the source.</param>
    public static void Resize(RgbImage source, RgbImage target)
    {
        if (ReferenceEquals(source, target))
            throw new ArgumentException("A picture cannot be resized into itself.", nameof(target));
        if (source.Width == target.Width && source.Height == target.Height)
        {
            source.Pixels.CopyTo(target.Pixels, 0);
            return;
        }

        if (source.Height == target.Height)
        {
            AlongRows(source, target.Pixels, target.Width);
            return;
        }

        if (source.Width == target.Width)
        {
            AlongColumns(source.Pixels, source.Height, target);
            return;
        }

        byte[] between = ArrayPool<byte>.Shared.Rent(checked(target.Width * source.Height * 3));
        try
        {
            AlongRows(source, between, target.Width);
            AlongColumns(between, source.Height, target);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(between);
        }
    }

    private static TriangleTaps Taps(int from, int to)
    {
        if (Tables.TryGetValue((from, to), out var known))
            return known;
        if (Tables.Count >= MostTables)
            Tables.Clear();
        return Tables.GetOrAdd((from, to), static size => new TriangleTaps(size.From, size.To));
    }

    private static void AlongRows(RgbImage source, byte[] target, int width)
    {
        var taps = Taps(source.Width, width);
        if (PairedResizePass.IsSupported)
            PairedResizePass.AlongRows(source, taps, target, width);
        else
            ResizePass.AlongRows(source, taps, target, width);
    }

    private static void AlongColumns(byte[] source, int height, RgbImage target)
    {
        var taps = Taps(height, target.Height);
        if (PairedResizePass.IsSupported)
            PairedResizePass.AlongColumns(source, taps, target);
        else
            ResizePass.AlongColumns(source, taps, target);
    }
}
