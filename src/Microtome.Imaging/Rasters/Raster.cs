namespace Microtome.Imaging;

/// <summary>A one-channel raster: labels (int), masks (byte, 0 or 1), probabilities (float).</summary>
/// <typeparam name="T">The sample.</typeparam>
public sealed class Raster<T>
    where T : unmanaged
{
    /// <summary>Makes a raster of zeros.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A side is not positive.</exception>
    public Raster(int width, int height)
        : this(width, height, new T[checked(width * height)])
    {
    }

    /// <summary>Wraps samples that the caller hands over.</summary>
    /// <exception cref="ArgumentException">The array does not hold width * height samples.</exception>
    public Raster(int width, int height, T[] samples)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(width);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(height);
        if (samples.Length != checked(width * height))
            throw new ArgumentException($"A {width} x {height} raster holds {width * height} samples, not {samples.Length}.", nameof(samples));
        Width = width;
        Height = height;
        Samples = samples;
    }

    /// <summary>Width in pixels.</summary>
    public int Width { get; }

    /// <summary>Height in pixels.</summary>
    public int Height { get; }

    /// <summary>The samples, shape [Height, Width].</summary>
    public T[] Samples { get; }

    /// <summary>One sample.</summary>
    public ref T this[int x, int y] => ref Samples[(y * Width) + x];

    /// <summary>One row, shape [Width].</summary>
    public Span<T> Row(int y) => Samples.AsSpan(y * Width, Width);
}
