using Microtome.Imaging;

namespace Microtome.Learning;

/// <summary>The unit of post-processing and of ownership.</summary>
/// <param name="Index">Place in the walk's order: row by row over the tiles that hold something of interest.</param>
/// <param name="Core">The part of the grid that the tile owns; cores cover the grid without overlap.</param>
/// <param name="Window">The core with the tile halo around it: what the map sees.</param>
public readonly record struct WalkTile(int Index, GridRect Core, GridRect Window);
