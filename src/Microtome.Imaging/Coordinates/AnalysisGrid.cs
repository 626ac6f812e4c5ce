namespace Microtome.Imaging;

/// <summary>How an analysis grid lies on level 0.</summary>
/// <param name="ScaleX">Level-0 pixels per grid pixel along x (0.5 when the slide is enlarged twice).</param>
/// <param name="ScaleY">Level-0 pixels per grid pixel along y.</param>
public readonly record struct AnalysisGrid(double ScaleX, double ScaleY)
{
    /// <summary>Grid coordinates to level-0 coordinates; both count from the top left corner of the slide.</summary>
    public Level0Point ToLevel0(double gridX, double gridY) => new(gridX * ScaleX, gridY * ScaleY);
}
