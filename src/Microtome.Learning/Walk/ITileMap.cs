using Microtome.Imaging;

namespace Microtome.Learning;

/// <summary>
/// What becomes of a tile's maps: objects, a heat map, text. Called from several threads at once. The window is larger than the tile's core
/// by the tile halo; whatever the map finds belongs to it only if its anchor lies in the core (the ownership rule), so that
/// neighbouring tiles neither lose nor repeat it.
/// </summary>
/// <typeparam name="TResult">The result of one tile.</typeparam>
public interface ITileMap<out TResult>
{
    /// <summary>Turns one window into a result. The buffers are reused after the call.</summary>
    TResult Map(WalkTile tile, RgbImage image, ByteMaps maps);
}
