namespace Microtome.Imaging;

/// <summary>A half-open rectangle of the slide in level-0 pixels. It may lie partly or wholly outside the slide.</summary>
/// <param name="X">Left edge, level-0 pixels.</param>
/// <param name="Y">Top edge, level-0 pixels.</param>
/// <param name="Width">Width, level-0 pixels.</param>
/// <param name="Height">Height, level-0 pixels.</param>
public readonly record struct Level0Rect(long X, long Y, long Width, long Height)
{
    /// <summary>The first column to the right that does not belong to the rectangle.</summary>
    public long Right => checked(X + Width);

    /// <summary>The first row below that does not belong to the rectangle.</summary>
    public long Bottom => checked(Y + Height);

    /// <summary>Whether the pixel that holds the point belongs to the rectangle.</summary>
    public bool Contains(Level0Point point) => point.X >= X && point.X < Right && point.Y >= Y && point.Y < Bottom;
}
