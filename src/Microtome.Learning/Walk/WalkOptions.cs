namespace Microtome.Learning;

/// <summary>How a walk is cut and how many hands it has. Only <see cref="TileSize"/> and the shifts may move a polygon's order; no option changes a map.</summary>
public sealed record WalkOptions
{
    /// <summary>Side of a tile's core, grid pixels. Default 1024.</summary>
    public int TileSize { get; init; } = 1024;

    /// <summary>Margin around a core that the map sees, grid pixels; at least the largest object. Default 96 (24 um at 0.25 um/px).</summary>
    public int TileHalo { get; init; } = 96;

    /// <summary>Shift of the tile lattice to the left, grid pixels. Default 0.</summary>
    public int TileShiftX { get; init; }

    /// <summary>Shift of the tile lattice upwards, grid pixels. Default 0.</summary>
    public int TileShiftY { get; init; }

    /// <summary>Side of a cell of the network's lattice, grid pixels. Default 768.</summary>
    public int BlockSize { get; init; } = 768;

    /// <summary>How far the network looks beyond what is kept of a window, grid pixels; null asks the network. Default null.</summary>
    public int? NetworkHalo { get; init; }

    /// <summary>How far an object whose anchor lies in the region of interest may reach out of it, grid pixels. Default 48 (12 um at 0.25 um/px).</summary>
    public int InterestMargin { get; init; } = 48;

    /// <summary>Windows of a batch. Default 1: a block already fills a CPU; a GPU likes 4.</summary>
    public int BatchSize { get; init; } = 1;

    /// <summary>Reading threads. Default 2.</summary>
    public int Readers { get; init; } = 2;

    /// <summary>Map (post-processing) threads. Default 2.</summary>
    public int Mappers { get; init; } = 2;

    /// <summary>Blocks kept in memory for the tiles still to come; further ones go to a temporary file. Default 32 (115 MB at the default size).</summary>
    public int BlocksInMemory { get; init; } = 32;

    /// <summary>Folder of that temporary file. Default: the system's.</summary>
    public string SpillFolder { get; init; } = Path.GetTempPath();

    /// <summary>Checks the values.</summary>
    /// <exception cref="ArgumentException">A value is out of its range; the message lists every one.</exception>
    public void Check()
    {
        var faults = new List<string>();
        Range(TileSize, 64, 16384, nameof(TileSize), faults);
        Range(TileHalo, 0, 1024, nameof(TileHalo), faults);
        Range(TileShiftX, 0, TileSize - 1, nameof(TileShiftX), faults);
        Range(TileShiftY, 0, TileSize - 1, nameof(TileShiftY), faults);
        Range(BlockSize, 64, 8192, nameof(BlockSize), faults);
        Range(NetworkHalo ?? 0, 0, 1024, nameof(NetworkHalo), faults);
        Range(InterestMargin, 0, 1024, nameof(InterestMargin), faults);
        Range(BatchSize, 1, 64, nameof(BatchSize), faults);
        Range(Readers, 1, 64, nameof(Readers), faults);
        Range(Mappers, 1, 64, nameof(Mappers), faults);
        Range(BlocksInMemory, 1, 100_000, nameof(BlocksInMemory), faults);
        if (BlockSize % WalkLayout.Snap != 0)
            faults.Add($"{nameof(BlockSize)} {BlockSize} is not a multiple of {WalkLayout.Snap}.");
        if (faults.Count > 0)
            throw new ArgumentException(string.Join(' ', faults));
    }

    private static void Range(int value, int least, int most, string name, List<string> faults)
    {
        if (value < least || value > most)
            faults.Add($"{name} {value} is outside {least}..{most}.");
    }
}
