using Microtome.Imaging;

namespace Microtome.Learning;

/// <summary>Where the walk gets its pixels. Called from several threads at once.</summary>
public interface ITileSource
{
    /// <summary>Width of the grid, pixels.</summary>
    long Width { get; }

    /// <summary>Height of the grid, pixels.</summary>
    long Height { get; }

    /// <summary>Reads a window of the grid; white outside.</summary>
    void Read(GridRect window, RgbImage destination);
}
