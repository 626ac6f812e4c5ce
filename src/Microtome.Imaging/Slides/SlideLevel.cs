namespace Microtome.Imaging;

/// <summary>One level of the pyramid.</summary>
/// <param name="Width">Width in pixels of this level.</param>
/// <param name="Height">Height in pixels of this level.</param>
/// <param name="Downsample">Level-0 pixels per pixel of this level.</param>
public readonly record struct SlideLevel(long Width, long Height, double Downsample)
{
    /// <summary>
    /// The whole number by which a level was reduced, if its size is level 0's divided by that, rounded either way. A writer that halves 2967 rows to 1483 dropped
    /// the last row: the reduction is 2, not 2967 / 1483.
    /// </summary>
    internal static double? DownsampleOf(SlideLevel full, long width, long height)
    {
        double whole = Math.Round(((full.Width / (double)width) + (full.Height / (double)height)) / 2);

        // A reduction in steps may round in each: less than one pixel altogether. Small levels fit many factors; take only those that are certain.
        return whole >= 1 && Math.Abs((full.Width / whole) - width) <= 1 && Math.Abs((full.Height / whole) - height) <= 1 && Math.Min(width, height) >= 1 ? whole : null;
    }
}
