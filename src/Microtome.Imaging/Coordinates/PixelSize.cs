namespace Microtome.Imaging;

/// <summary>The size of a level-0 pixel in microns, per axis, and where that number came from.</summary>
/// <param name="X">Microns per pixel along x.</param>
/// <param name="Y">Microns per pixel along y.</param>
/// <param name="Source">Where the value was read.</param>
public sealed record PixelSize(double X, double Y, PixelSizeSource Source)
{
    /// <summary>The smallest plausible value, um per pixel.</summary>
    public const double Smallest = 0.05;

    /// <summary>The largest plausible value, um per pixel.</summary>
    public const double Largest = 20.0;

    /// <summary>Mean of the two axes, um per pixel.</summary>
    public double Mean => (X + Y) / 2;

    /// <summary>Area of a level-0 pixel, um2.</summary>
    public double Area => X * Y;

    /// <summary>Whether both axes lie in the plausible range.</summary>
    public bool IsPlausible => X is >= Smallest and <= Largest && Y is >= Smallest and <= Largest;
}
