namespace Microtome.Pathology;

/// <summary>A patch by its place on the grid of a map.</summary>
/// <param name="X">Column.</param>
/// <param name="Y">Row.</param>
public readonly record struct GridPoint(int X, int Y)
{
    /// <summary>Squared distance in patches.</summary>
    public long SquaredDistance(GridPoint other)
    {
        long dx = X - other.X, dy = Y - other.Y;
        return (dx * dx) + (dy * dy);
    }
}
