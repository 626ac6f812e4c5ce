namespace Microtome.Imaging;

/// <summary>A half-open rectangle of raster pixels.</summary>
/// <param name="X">Left column.</param>
/// <param name="Y">Top row.</param>
/// <param name="Width">Columns; 0 when the box is empty.</param>
/// <param name="Height">Rows; 0 when the box is empty.</param>
public readonly record struct PixelBox(int X, int Y, int Width, int Height)
{
    /// <summary>The first column to the right that does not belong to the box.</summary>
    public int Right => X + Width;

    /// <summary>The first row below that does not belong to the box.</summary>
    public int Bottom => Y + Height;

    /// <summary>Whether no pixel belongs to the box.</summary>
    public bool IsEmpty => Width <= 0 || Height <= 0;

    /// <summary>The whole of a raster.</summary>
    public static PixelBox Of<T>(Raster<T> raster)
        where T : unmanaged
        => new(0, 0, raster.Width, raster.Height);
}
