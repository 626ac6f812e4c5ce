using Microsoft.Data.Sqlite;
using Microtome.Imaging;

namespace Microtome.Pathology;

/// <summary>Sums up nuclei.gpkg in one pass without its outlines. What is held besides fixed histograms is bounded by the focus squares.</summary>
internal static class NucleusQualityReader
{
    // Side of a square of the density map, cells of the tissue mask: 256 um at 8 um a cell.
    private const int CellsPerSquare = 32;
    private const double FullSquare = 0.95;

    // Neighbours are looked for this far beyond a focus square, um.
    private const double MarginMicrons = 32;

    public static NucleusQuality Read(string geoPackage, TissueMask tissue, PixelSize pixelSize, QualityTiles tiles, CancellationToken cancellation)
    {
        var found = new NucleusQuality { Count = 0, PerMm2 = 0, AreaMeanUm2 = 0, CoveredFraction = 0, OutsideFraction = 0, EdgeFraction = 0, FullSquares = 0, Neighbours = 0 };
        var near = new NeighbourSample(tiles, pixelSize, MarginMicrons);
        var mask = tissue.Mask;
        int columns = (mask.Width + CellsPerSquare - 1) / CellsPerSquare, rows = (mask.Height + CellsPerSquare - 1) / CellsPerSquare;
        int[] squares = new int[columns * rows];
        long count = 0, outside = 0, edge = 0;
        decimal area = 0;
        using var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = geoPackage, Mode = SqliteOpenMode.ReadOnly, Pooling = false }.ConnectionString);
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = "SELECT area_um2, haematoxylin_mean_od, probability, solidity, centroid_x_px, centroid_y_px FROM nuclei";
        using var row = command.ExecuteReader();
        while (row.Read())
        {
            if ((++count & 0xFFF) == 0)
                cancellation.ThrowIfCancellationRequested();
            double um2 = row.GetDouble(0), x = row.GetDouble(4), y = row.GetDouble(5);
            area += (decimal)Math.Clamp(um2, 0, 1e12);
            found.AreaLog2Um2.Add(Math.Log2(Math.Max(um2, 1e-6)));
            found.HaematoxylinMeanOd.Add(row.GetDouble(1));
            found.Probability.Add(row.GetDouble(2));
            found.Solidity.Add(row.GetDouble(3));
            int column = (int)Math.Floor(x / tissue.Grid.ScaleX), line = (int)Math.Floor(y / tissue.Grid.ScaleY);
            if (column < 0 || line < 0 || column >= mask.Width || line >= mask.Height || mask[column, line] == 0)
                outside++;
            else if (IsEdge(mask, column, line))
                edge++;
            squares[(Math.Clamp(line / CellsPerSquare, 0, rows - 1) * columns) + Math.Clamp(column / CellsPerSquare, 0, columns - 1)]++;
            near.Add(x, y, um2);
        }

        var (full, empty) = Squares(tissue, squares, columns, rows);
        var (neighbours, touching) = near.Measure(found.NeighbourLog2Um);
        double mm2 = tissue.AreaMm2 ?? 0;
        return found with
        {
            Count = count,
            PerMm2 = mm2 > 0 ? Math.Round(count / mm2, 2) : 0,
            AreaMeanUm2 = count > 0 ? Math.Round((double)(area / count), 3) : 0,
            CoveredFraction = mm2 > 0 ? Math.Round((double)area / (mm2 * 1e6), 5) : 0,
            OutsideFraction = count > 0 ? Math.Round((double)outside / count, 5) : 0,
            EdgeFraction = count > 0 ? Math.Round((double)edge / count, 5) : 0,
            FullSquares = full,
            EmptySquareFraction = full > 0 ? Math.Round((double)empty / full, 5) : null,
            Neighbours = neighbours,
            TouchingFraction = neighbours > 0 ? Math.Round((double)touching / neighbours, 5) : null,
        };
    }

    private static bool IsEdge(Raster<byte> mask, int column, int row) =>
        column == 0 || row == 0 || column == mask.Width - 1 || row == mask.Height - 1
        || mask[column - 1, row] == 0 || mask[column + 1, row] == 0 || mask[column, row - 1] == 0 || mask[column, row + 1] == 0;

    private static (int Full, int Empty) Squares(TissueMask tissue, int[] counts, int columns, int rows)
    {
        int full = 0, empty = 0;
        double width = CellsPerSquare * tissue.Grid.ScaleX, height = CellsPerSquare * tissue.Grid.ScaleY;
        for (int i = 0; i < counts.Length; i++)
        {
            long left = (long)Math.Round(i % columns * width), top = (long)Math.Round(i / columns * height);
            if ((i / columns) + 1 == rows && tissue.Mask.Height % CellsPerSquare != 0)
                continue;
            if (tissue.Coverage(new Level0Rect(left, top, (long)Math.Round(width), (long)Math.Round(height))) < FullSquare)
                continue;
            full++;
            empty += counts[i] == 0 ? 1 : 0;
        }

        return (full, empty);
    }
}
