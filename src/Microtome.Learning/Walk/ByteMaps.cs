namespace Microtome.Learning;

/// <summary>Maps of one window, 8 bit: 0 is 0.0, 255 is 1.0.</summary>
public sealed class ByteMaps
{
    /// <summary>Makes maps of zeros.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A size is not positive.</exception>
    public ByteMaps(int channels, int width, int height)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(channels);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(width);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(height);
        Channels = channels;
        Width = width;
        Height = height;
        Samples = new byte[checked(channels * width * height)];
    }

    /// <summary>Number of maps.</summary>
    public int Channels { get; }

    /// <summary>Width in grid pixels.</summary>
    public int Width { get; }

    /// <summary>Height in grid pixels.</summary>
    public int Height { get; }

    /// <summary>The samples, shape [Channels, Height, Width].</summary>
    public byte[] Samples { get; }

    /// <summary>One map, shape [Height, Width].</summary>
    public Span<byte> Channel(int channel) => Samples.AsSpan(channel * Width * Height, Width * Height);

    /// <summary>One row of one map, shape [Width].</summary>
    public Span<byte> Row(int channel, int y) => Samples.AsSpan(((channel * Height) + y) * Width, Width);
}
