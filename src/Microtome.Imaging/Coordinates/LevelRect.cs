namespace Microtome.Imaging;

/// <summary>A half-open rectangle in the pixels of one pyramid level. It may lie partly or wholly outside the level.</summary>
/// <param name="Level">Pyramid level, 0 is the largest.</param>
/// <param name="X">Left edge, pixels of that level.</param>
/// <param name="Y">Top edge, pixels of that level.</param>
/// <param name="Width">Width, pixels of that level.</param>
/// <param name="Height">Height, pixels of that level.</param>
public readonly record struct LevelRect(int Level, long X, long Y, int Width, int Height);
