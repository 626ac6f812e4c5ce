using Microtome.Imaging;

namespace Microtome.Learning;

/// <summary>
/// How a grid is cut: tiles for post-processing, blocks for the network. The block lattice is fixed to the slide and a block's window depends
/// only on the slide and the region of interest; tiles of any size or shift are put together from the same blocks, so they see the same maps, bit for bit.
/// </summary>
public sealed class WalkLayout
{
    /// <summary>Areas of blocks grow outward to multiples of this, and the halo is one: every network here accepts such windows.</summary>
    public const int Snap = 32;

    private readonly Dictionary<(long X, long Y), int> cells = [];
    private readonly List<List<int>> tilesOfBlock = [];
    private readonly int blockSize;

    /// <summary>Cuts a grid.</summary>
    /// <param name="width">Width of the grid, pixels.</param>
    /// <param name="height">Height of the grid, pixels.</param>
    /// <param name="networkHalo">The network's halo; rounded up to a multiple of <see cref="Snap"/>; <see cref="WalkOptions.NetworkHalo"/> goes before it.</param>
    /// <param name="options">Sizes.</param>
    /// <param name="interest">What to look at; null for everything.</param>
    /// <param name="firstTile">Tiles before this one are already done: no block is planned for them.</param>
    public WalkLayout(long width, long height, int networkHalo, WalkOptions options, IRegionOfInterest? interest, int firstTile = 0)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(width);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(height);
        options.Check();
        Width = width;
        Height = height;
        blockSize = options.BlockSize;
        NetworkHalo = ((options.NetworkHalo ?? networkHalo) + Snap - 1) / Snap * Snap;
        FirstTile = firstTile;
        Tiles = CutTiles(options, interest);
        Blocks = CutBlocks(options, interest);
    }

    /// <summary>Width of the grid, pixels.</summary>
    public long Width { get; }

    /// <summary>Height of the grid, pixels.</summary>
    public long Height { get; }

    /// <summary>Margin of a network window, grid pixels.</summary>
    public int NetworkHalo { get; }

    /// <summary>The first tile that is still to be done.</summary>
    public int FirstTile { get; }

    /// <summary>The tiles that hold something of interest, row by row.</summary>
    public IReadOnlyList<WalkTile> Tiles { get; }

    /// <summary>The blocks that the tiles from <see cref="FirstTile"/> on need, in the order of need.</summary>
    public IReadOnlyList<WalkBlock> Blocks { get; }

    /// <summary>Pixels that the network sees.</summary>
    public long NetworkPixels => Blocks.Sum(b => (long)b.Window.Width * b.Window.Height);

    /// <summary>The blocks that a tile's window touches.</summary>
    public IEnumerable<int> BlocksOf(WalkTile tile)
    {
        foreach (var cell in CellsOf(tile.Window))
        {
            if (cells.TryGetValue(cell, out int block))
                yield return block;
        }
    }

    /// <summary>The first tile from <paramref name="tile"/> on that needs a block.</summary>
    internal int NextTile(int block, int tile)
    {
        var tiles = tilesOfBlock[block];
        int place = tiles.BinarySearch(tile);
        if (place < 0)
            place = ~place;
        return place < tiles.Count ? tiles[place] : int.MaxValue;
    }

    private List<WalkTile> CutTiles(WalkOptions options, IRegionOfInterest? interest)
    {
        var tiles = new List<WalkTile>();
        int size = options.TileSize, halo = options.TileHalo;
        for (long top = -options.TileShiftY; top < Height; top += size)
        {
            for (long left = -options.TileShiftX; left < Width; left += size)
            {
                var core = Rect(Math.Max(left, 0), Math.Max(top, 0), Math.Min(left + size, Width), Math.Min(top + size, Height));
                if (interest is not null && interest.Bounds(core) is null)
                    continue;
                // Not clipped at the slide's edge: whatever lies outside is white and holds nothing.
                var window = new GridRect(core.X - halo, core.Y - halo, core.Width + (2 * halo), core.Height + (2 * halo));
                tiles.Add(new WalkTile(tiles.Count, core, window));
            }
        }

        return tiles;
    }

    private List<WalkBlock> CutBlocks(WalkOptions options, IRegionOfInterest? interest)
    {
        var blocks = new List<WalkBlock>();
        var empty = new HashSet<(long, long)>();
        for (int t = FirstTile; t < Tiles.Count; t++)
        {
            foreach (var cell in CellsOf(Tiles[t].Window))
            {
                if (empty.Contains(cell))
                    continue;
                if (cells.TryGetValue(cell, out int known))
                {
                    blocks[known] = blocks[known] with { LastTile = t };
                    tilesOfBlock[known].Add(t);
                    continue;
                }

                if (AreaOf(cell, options.InterestMargin, interest) is not { } area)
                {
                    empty.Add(cell);
                    continue;
                }

                cells.Add(cell, blocks.Count);
                blocks.Add(new WalkBlock(blocks.Count, area, WindowOf(cell, area), t, t));
                tilesOfBlock.Add([t]);
            }
        }

        return blocks;
    }

    private IEnumerable<(long X, long Y)> CellsOf(GridRect window)
    {
        long left = Math.Max(window.X, 0) / blockSize, right = (Math.Min(window.X + window.Width, Width) - 1) / blockSize;
        long top = Math.Max(window.Y, 0) / blockSize, bottom = (Math.Min(window.Y + window.Height, Height) - 1) / blockSize;
        for (long y = top; y <= bottom; y++)
        {
            for (long x = left; x <= right; x++)
                yield return (x, y);
        }
    }

    private GridRect? AreaOf((long X, long Y) cell, int margin, IRegionOfInterest? interest)
    {
        var whole = Rect(cell.X * blockSize, cell.Y * blockSize, Math.Min((cell.X + 1) * blockSize, Up(Width)), Math.Min((cell.Y + 1) * blockSize, Up(Height)));
        if (interest is null)
            return whole;
        // An object whose anchor lies in the tissue may reach out of it by at most the margin.
        if (interest.Bounds(new GridRect(whole.X - margin, whole.Y - margin, whole.Width + (2 * margin), whole.Height + (2 * margin))) is not { } near)
            return null;
        long left = Math.Max(whole.X, Down(near.X - margin)), top = Math.Max(whole.Y, Down(near.Y - margin));
        long right = Math.Min(whole.X + whole.Width, Up(near.X + near.Width + margin)), bottom = Math.Min(whole.Y + whole.Height, Up(near.Y + near.Height + margin));
        return left < right && top < bottom ? Rect(left, top, right, bottom) : null;
    }

    // Where an area ends inside its cell nothing follows but glass (the margin is in it already): only towards the neighbouring cells does the network need to look further.
    private GridRect WindowOf((long X, long Y) cell, GridRect area)
    {
        long left = cell.X * blockSize, top = cell.Y * blockSize;
        long right = area.X + area.Width, bottom = area.Y + area.Height;
        return Rect(
            area.X == left ? Math.Max(left - NetworkHalo, 0) : area.X,
            area.Y == top ? Math.Max(top - NetworkHalo, 0) : area.Y,
            right == left + blockSize ? Math.Min(right + NetworkHalo, Up(Width)) : right,
            bottom == top + blockSize ? Math.Min(bottom + NetworkHalo, Up(Height)) : bottom);
    }

    private static long Up(long value) => -Down(-value);

    private static long Down(long value) => (long)Math.Floor(value / (double)Snap) * Snap;

    private static GridRect Rect(long left, long top, long right, long bottom) => new(left, top, checked((int)(right - left)), checked((int)(bottom - top)));
}
