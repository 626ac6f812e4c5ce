using Microtome.Imaging;

namespace Microtome.Learning;

/// <summary>The unit of the network: a cell of a lattice that is fixed to the slide, whatever the tiles.</summary>
/// <param name="Index">Place in the order in which the tiles need them.</param>
/// <param name="Area">The part of the cell whose maps are kept: what is interesting, snapped outward.</param>
/// <param name="Window">The area with the network halo: what is read and predicted.</param>
/// <param name="FirstTile">The first tile that needs the block.</param>
/// <param name="LastTile">The last tile that needs the block.</param>
public readonly record struct WalkBlock(int Index, GridRect Area, GridRect Window, int FirstTile, int LastTile);
