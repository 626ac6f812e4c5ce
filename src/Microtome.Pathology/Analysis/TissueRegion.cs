using Microtome.Imaging;
using Microtome.Learning;

namespace Microtome.Pathology;

/// <summary>
/// Tissue as the walk sees it: the cells of a tissue mask, laid over the walk's grid. They decide which tiles are walked and which nuclei count (those whose
/// anchor lies in tissue), so neither depends on the tiles.
/// </summary>
public sealed class TissueRegion : IRegionOfInterest
{
    private readonly Raster<byte> cells;
    private readonly double cellX;
    private readonly double cellY;

    /// <summary>Lays a mask over a grid.</summary>
    /// <param name="mask">1 = tissue.</param>
    /// <param name="maskGrid">How the mask lies on level 0.</param>
    /// <param name="grid">How the walk's grid lies on level 0.</param>
    public TissueRegion(Raster<byte> mask, AnalysisGrid maskGrid, AnalysisGrid grid)
    {
        cells = mask;
        cellX = maskGrid.ScaleX / grid.ScaleX;
        cellY = maskGrid.ScaleY / grid.ScaleY;
    }

    /// <summary>Whether there is no tissue at all.</summary>
    public bool IsEmpty => cells.Samples.AsSpan().IndexOf((byte)1) < 0;

    /// <summary>Whether a grid pixel lies in tissue.</summary>
    public bool Contains(long x, long y)
    {
        int column = (int)((x + 0.5) / cellX), row = (int)((y + 0.5) / cellY);
        return x >= 0 && y >= 0 && column < cells.Width && row < cells.Height && cells[column, row] != 0;
    }

    /// <inheritdoc/>
    public GridRect? Bounds(GridRect area)
    {
        int left = Cell(area.X, cellX, cells.Width), right = Cell(area.X + area.Width - 1, cellX, cells.Width);
        int top = Cell(area.Y, cellY, cells.Height), bottom = Cell(area.Y + area.Height - 1, cellY, cells.Height);
        int firstX = int.MaxValue, lastX = -1, firstY = -1, lastY = -1;
        for (int y = top; y <= bottom; y++)
        {
            var row = cells.Row(y)[left..(right + 1)];
            int first = row.IndexOf((byte)1);
            if (first < 0)
                continue;
            firstX = Math.Min(firstX, left + first);
            lastX = Math.Max(lastX, left + row.LastIndexOf((byte)1));
            firstY = firstY < 0 ? y : firstY;
            lastY = y;
        }

        if (lastX < 0)
            return null;
        long x0 = Math.Max(area.X, (long)Math.Floor(firstX * cellX)), x1 = Math.Min(area.X + area.Width, (long)Math.Ceiling((lastX + 1) * cellX));
        long y0 = Math.Max(area.Y, (long)Math.Floor(firstY * cellY)), y1 = Math.Min(area.Y + area.Height, (long)Math.Ceiling((lastY + 1) * cellY));
        return x0 < x1 && y0 < y1 ? new GridRect(x0, y0, (int)(x1 - x0), (int)(y1 - y0)) : null;
    }

    private static int Cell(long pixel, double size, int count) => (int)Math.Clamp((pixel + 0.5) / size, 0, count - 1);
}
