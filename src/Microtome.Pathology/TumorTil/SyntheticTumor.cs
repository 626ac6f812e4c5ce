using Microtome.Imaging;

namespace Microtome.Pathology;

/// <summary>
/// A made-up slide of 4.2 x 3.15 mm in cells of 12.5 um whose infiltration is known: tumor discs, lymphocyte patches of 50 um, and the map of 87.5-um tumor patches that a perfect network
/// would give (majority), laid with any shift.
/// </summary>
internal sealed class SyntheticTumor
{
    public const int Width = 336, Height = 252, TilSide = 4, TumorSide = 7;

    private const double CellPixels = 50;

    private readonly bool[] _tumor = new bool[Width * Height];
    private readonly bool[] _til;

    public SyntheticTumor(Random random, int discs)
    {
        for (int d = 0; d < discs; d++)
        {
            double radius = discs == 1 ? 85 + (10 * random.NextDouble()) : 25 + (40 * random.NextDouble());
            double margin = discs == 1 ? radius : 0;
            double x = margin + ((Width - (2 * margin)) * random.NextDouble()), y = margin + ((Height - (2 * margin)) * random.NextDouble());
            for (int i = 0; i < _tumor.Length; i++)
            {
                double dx = (i % Width) + 0.5 - x, dy = (i / Width) + 0.5 - y;
                _tumor[i] |= (dx * dx) + (dy * dy) < radius * radius;
            }
        }

        _til = new bool[Columns * Rows];
    }

    public static int Columns => Width / TilSide;

    public static int Rows => Height / TilSide;

    /// <summary>Share of the slide that is tumor.</summary>
    public double TumorShare => (double)_tumor.Count(static t => t) / _tumor.Length;

    /// <summary>Share of the patches that hold lymphocytes; the whole slide is tissue.</summary>
    public double TilShare => (double)_til.Count(static t => t) / _til.Length;

    /// <summary>The truth: share of tumor cells that lie in lymphocyte patches.</summary>
    public double InfiltratedShare
    {
        get
        {
            int tumor = 0, both = 0;
            for (int i = 0; i < _tumor.Length; i++)
            {
                if (!_tumor[i])
                    continue;
                tumor++;
                if (_til[(i / Width / TilSide * Columns) + (i % Width / TilSide)])
                    both++;
            }

            return (double)both / tumor;
        }
    }

    /// <summary>Puts lymphocytes into patches, with one probability in tumor and another outside.</summary>
    public void Scatter(Random random, double inside, double outside)
    {
        for (int i = 0; i < _til.Length; i++)
            _til[i] = random.NextDouble() < (InTumor(i % Columns, i / Columns) ? inside : outside);
    }

    /// <summary>Adds round clumps.</summary>
    public void Clump(Random random, int clumps)
    {
        for (int c = 0; c < clumps; c++)
        {
            double x = Columns * random.NextDouble(), y = Rows * random.NextDouble(), radius = 1 + (3 * random.NextDouble());
            for (int i = 0; i < _til.Length; i++)
            {
                double dx = (i % Columns) + 0.5 - x, dy = (i / Columns) + 0.5 - y;
                _til[i] |= (dx * dx) + (dy * dy) < radius * radius;
            }
        }
    }

    /// <summary>Whether the centre of a lymphocyte patch lies in tumor.</summary>
    public bool InTumor(int column, int row) => _tumor[(((row * TilSide) + (TilSide / 2)) * Width) + (column * TilSide) + (TilSide / 2)];

    /// <summary>The lymphocyte map.</summary>
    public PatchMap TilMap()
    {
        var values = new Raster<float>(Columns, Rows, [.. _til.Select(static t => t ? 1f : 0f)]);
        return new PatchMap(Axis(0, TilSide, Columns), Axis(0, TilSide, Rows), values);
    }

    /// <summary>The tumor map on a grid that begins some cells from the corner.</summary>
    public PatchMap TumorMap(int shiftX, int shiftY)
    {
        int columns = (Width - shiftX) / TumorSide, rows = (Height - shiftY) / TumorSide;
        var values = new Raster<float>(columns, rows);
        for (int y = 0; y < rows; y++)
        {
            for (int x = 0; x < columns; x++)
            {
                int tumor = 0;
                for (int k = 0; k < TumorSide * TumorSide; k++)
                {
                    int cellX = shiftX + (x * TumorSide) + (k % TumorSide), cellY = shiftY + (y * TumorSide) + (k / TumorSide);
                    tumor += _tumor[(cellY * Width) + cellX] ? 1 : 0;
                }

                values[x, y] = tumor * 2 > TumorSide * TumorSide ? 1 : 0;
            }
        }

        return new PatchMap(Axis(shiftX, TumorSide, columns), Axis(shiftY, TumorSide, rows), values);
    }

    private static PatchAxis Axis(int start, int side, int count) => new(start * CellPixels, side * CellPixels, side * CellPixels, count);
}
