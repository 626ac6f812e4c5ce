namespace Microtome.Imaging;

/// <summary>How an analysis grid lies on level 0.</summary>
/// <param name="ScaleX">Level-0 pixels per grid pixel along x (0.5 when the slide is enlarged twice).</param>
/// <param name="ScaleY">Level-0 pixels per grid pixel along y.</param>
public readonly record struct AnalysisGrid(double ScaleX, double ScaleY)
{
    /// <summary>A scale this close (as a factor) to 1, 0.5 or 2 becomes exactly that.</summary>
    public const double SnapFactor = 1.25;

    /// <summary>Pixels whose sides differ by more than this share keep their exact ratio.</summary>
    public const double SquareTolerance = 0.02;

    /// <summary>
    /// The grid on which a slide looks as at <paramref name="targetMpp"/>. Scanners of one magnification differ by some percent (0.2425, 0.2499, 0.2527) and
    /// networks do not mind, but resampling blurs: so a ratio in [0.8, 1.25] of 1, 0.5 or 2 is taken as exactly 1 (pixels are copied), 0.5 or 2.
    /// Any other ratio, and slides whose pixels are not square, are resampled exactly.
    /// </summary>
    /// <param name="pixelSize">Size of the level-0 pixels.</param>
    /// <param name="targetMpp">Microns per grid pixel wanted.</param>
    public static AnalysisGrid For(PixelSize pixelSize, double targetMpp)
    {
        if (!(targetMpp is >= PixelSize.Smallest and <= 1000))
            throw new ArgumentOutOfRangeException(nameof(targetMpp), targetMpp, $"The microns per pixel must lie in {PixelSize.Smallest} to 1000.");
        double x = targetMpp / pixelSize.X;
        double y = targetMpp / pixelSize.Y;
        if (Math.Abs(x - y) > SquareTolerance * Math.Max(x, y))
            return new AnalysisGrid(x, y);
        double mean = targetMpp / pixelSize.Mean;
        foreach (double anchor in (ReadOnlySpan<double>)[1.0, 0.5, 2.0])
        {
            if (mean / anchor is >= 1 / SnapFactor and <= SnapFactor)
                return new AnalysisGrid(anchor, anchor);
        }

        return new AnalysisGrid(x, y);
    }

    /// <summary>Grid coordinates to level-0 coordinates; both count from the top left corner of the slide.</summary>
    public Level0Point ToLevel0(double gridX, double gridY) => new(gridX * ScaleX, gridY * ScaleY);

    /// <summary>Level-0 coordinates to grid coordinates.</summary>
    public (double X, double Y) FromLevel0(Level0Point point) => (point.X / ScaleX, point.Y / ScaleY);

    /// <summary>The size of a grid pixel on a slide, microns along x and y.</summary>
    public (double X, double Y) MicronsPerPixel(PixelSize pixelSize) => (ScaleX * pixelSize.X, ScaleY * pixelSize.Y);

    /// <summary>Grid pixels that it takes to cover a slide; the last ones may hang over the edge.</summary>
    public (long Width, long Height) SizeOf(SlideLevel level0) => ((long)Math.Ceiling(level0.Width / ScaleX), (long)Math.Ceiling(level0.Height / ScaleY));
}
