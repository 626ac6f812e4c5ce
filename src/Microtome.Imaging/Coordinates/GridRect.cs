namespace Microtome.Imaging;

/// <summary>
/// A half-open rectangle of an analysis grid: the slide resampled as a whole to the pixel size that a network was trained on.
/// Grid pixel (i, j) covers level-0 pixels [i * Scale, (i + 1) * Scale) x [j * Scale, (j + 1) * Scale), wherever the tile lies,
/// so that results do not depend on how a slide is cut into tiles.
/// </summary>
/// <param name="X">Left edge, grid pixels.</param>
/// <param name="Y">Top edge, grid pixels.</param>
/// <param name="Width">Width, grid pixels.</param>
/// <param name="Height">Height, grid pixels.</param>
public readonly record struct GridRect(long X, long Y, int Width, int Height);
