namespace Microtome.Imaging;

/// <summary>An 8-bit RGB raster, interleaved, rows without padding.</summary>
public sealed class RgbImage
{
    /// <summary>Makes a black image.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A side is not positive.</exception>
    public RgbImage(int width, int height)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(width);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(height);
        Width = width;
        Height = height;
        Pixels = new byte[checked(width * height * 3)];
    }

    /// <summary>Width in pixels.</summary>
    public int Width { get; }

    /// <summary>Height in pixels.</summary>
    public int Height { get; }

    /// <summary>The samples, shape [Height, Width, 3].</summary>
    public byte[] Pixels { get; }

    /// <summary>One row, shape [Width, 3].</summary>
    public Span<byte> Row(int y) => Pixels.AsSpan(y * Width * 3, Width * 3);
}
