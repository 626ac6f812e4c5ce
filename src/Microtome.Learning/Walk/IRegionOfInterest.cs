using Microtome.Imaging;

namespace Microtome.Learning;

/// <summary>Which part of the grid is worth looking at (tissue). It must not change during a walk; called from several threads.</summary>
public interface IRegionOfInterest
{
    /// <summary>The bounding box of the interesting part of a rectangle, or null when there is none.</summary>
    GridRect? Bounds(GridRect area);
}
