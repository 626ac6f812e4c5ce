using Microtome.Imaging;

namespace Microtome.Pathology;

/// <summary>Nuclei per square of the slide.</summary>
public sealed class DensityMap
{
    /// <summary>The most squares along a side.</summary>
    public const int MostSquares = 400;

    private readonly int[] counts;

    /// <summary>Lays squares of 50 um over the slide, or of 100, 200, ... um where that gives more than <see cref="MostSquares"/> along a side.</summary>
    public DensityMap(long width, long height, PixelSize pixelSize)
    {
        SideMicrons = 50;
        while (Math.Max(width * pixelSize.X, height * pixelSize.Y) / SideMicrons > MostSquares)
            SideMicrons *= 2;
        SideX = SideMicrons / pixelSize.X;
        SideY = SideMicrons / pixelSize.Y;
        Columns = Math.Max(1, (int)Math.Ceiling(width / SideX));
        Rows = Math.Max(1, (int)Math.Ceiling(height / SideY));
        counts = new int[Columns * Rows];
    }

    /// <summary>Side of a square, um.</summary>
    public double SideMicrons { get; private set; }

    /// <summary>Width of a square, level-0 pixels.</summary>
    public double SideX { get; }

    /// <summary>Height of a square, level-0 pixels.</summary>
    public double SideY { get; }

    /// <summary>Squares along x.</summary>
    public int Columns { get; }

    /// <summary>Squares along y.</summary>
    public int Rows { get; }

    /// <summary>Nuclei per square, shape [Rows, Columns].</summary>
    public ReadOnlySpan<int> Counts => counts;

    /// <summary>Counts a nucleus at its centre.</summary>
    public void Add(Level0Point centre)
    {
        int column = (int)Math.Clamp(centre.X / SideX, 0, Columns - 1), row = (int)Math.Clamp(centre.Y / SideY, 0, Rows - 1);
        counts[(row * Columns) + column]++;
    }

    /// <summary>Nuclei per mm2 of square.</summary>
    public double PerSquareMillimetre(double count) => count * 1e6 / (SideMicrons * SideMicrons);

    /// <summary>Squares that hold nuclei, from the emptiest to the fullest; ties by place.</summary>
    public int[] Ranked() => [.. Enumerable.Range(0, counts.Length).Where(i => counts[i] > 0).OrderBy(i => counts[i]).ThenBy(i => i)];

    /// <summary>The centre of a square.</summary>
    public Level0Point Centre(int square) => new(((square % Columns) + 0.5) * SideX, ((square / Columns) + 0.5) * SideY);
}
