using Microtome.Imaging;

namespace Microtome.Pathology;

/// <summary>The squares of a slide's tissue that are looked at: a bounded number, spread evenly over the tissue, the same in every run.</summary>
internal sealed class QualityTiles
{
    /// <summary>Side of a square, pixels.</summary>
    public const int Side = 256;

    /// <summary>The most squares.</summary>
    public const int Most = 64;

    /// <summary>um per pixel; a coarser slide is looked at as it is.</summary>
    public const double Microns = 0.5;

    private const double LeastTissue = 0.5;

    private QualityTiles(AnalysisGrid grid, IReadOnlyList<GridRect> squares)
    {
        Grid = grid;
        Squares = squares;
    }

    public AnalysisGrid Grid { get; }

    public IReadOnlyList<GridRect> Squares { get; }

    /// <summary>Squares of a fixed lattice with enough tissue (any tissue, when none has), in the order of a Z curve, so that every n-th of them is spread over the plane.</summary>
    public static QualityTiles Choose(TissueMask tissue, PixelSize pixelSize)
    {
        var wanted = AnalysisGrid.For(pixelSize, Microns);
        var grid = new AnalysisGrid(Math.Max(1, wanted.ScaleX), Math.Max(1, wanted.ScaleY));
        long columns = (long)Math.Ceiling(tissue.Mask.Width * tissue.Grid.ScaleX / grid.ScaleX / Side), rows = (long)Math.Ceiling(tissue.Mask.Height * tissue.Grid.ScaleY / grid.ScaleY / Side);
        List<(ulong Code, GridRect Square)> good = [], some = [];
        for (long y = 0; y < rows; y++)
        {
            for (long x = 0; x < columns; x++)
            {
                var square = new GridRect(x * Side, y * Side, Side, Side);
                double coverage = tissue.Coverage(OnSlide(grid, square));
                if (coverage > 0)
                    (coverage >= LeastTissue ? good : some).Add((Interleave((uint)x) | (Interleave((uint)y) << 1), square));
            }
        }

        var from = good.Count > 0 ? good : some;
        from.Sort(static (a, b) => a.Code.CompareTo(b.Code));
        int count = Math.Min(Most, from.Count);
        return new QualityTiles(grid, [.. Enumerable.Range(0, count).Select(i => from[(int)(((2L * i) + 1) * from.Count / (2 * count))].Square)]);
    }

    /// <summary>A square in level-0 pixels, rounded outwards.</summary>
    public static Level0Rect OnSlide(AnalysisGrid grid, GridRect square)
    {
        long left = (long)Math.Floor(square.X * grid.ScaleX), top = (long)Math.Floor(square.Y * grid.ScaleY);
        return new Level0Rect(left, top, (long)Math.Ceiling((square.X + square.Width) * grid.ScaleX) - left, (long)Math.Ceiling((square.Y + square.Height) * grid.ScaleY) - top);
    }

    // The bits of a number with a gap after each.
    private static ulong Interleave(uint value)
    {
        ulong bits = 0;
        for (int i = 0; i < 32; i++)
            bits |= (ulong)((value >> i) & 1) << (2 * i);
        return bits;
    }
}
