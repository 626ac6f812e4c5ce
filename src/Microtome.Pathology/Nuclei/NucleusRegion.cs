namespace Microtome.Pathology;

/// <summary>One object of a label image, with what flooding knows of it. Coordinates are pixels of the window.</summary>
public struct NucleusRegion
{
    /// <summary>Its value in the label image.</summary>
    public int Label;

    /// <summary>First column.</summary>
    public int Left;

    /// <summary>First row.</summary>
    public int Top;

    /// <summary>The column after the last.</summary>
    public int Right;

    /// <summary>The row after the last.</summary>
    public int Bottom;

    /// <summary>Pixels.</summary>
    public int Area;

    /// <summary>Sum of the pixels' columns.</summary>
    public long SumX;

    /// <summary>Sum of the pixels' rows.</summary>
    public long SumY;

    /// <summary>Sum of the foreground map (0..255) over the pixels; filled holes included.</summary>
    public long SumForeground;

    /// <summary>Mean foreground probability, 0..1.</summary>
    public readonly double Probability => SumForeground / (255.0 * Area);

    /// <summary>
    /// The pixel that decides which tile owns the object: the mean of its pixels rounded to a pixel, a tie to the left and to the top. Adding
    /// a whole offset to every pixel adds it to the anchor, so all windows agree.
    /// </summary>
    public readonly (int X, int Y) Anchor => ((int)(((2 * SumX) + Area - 1) / (2L * Area)), (int)(((2 * SumY) + Area - 1) / (2L * Area)));

    /// <summary>Adds the pixels [start, end) of a row.</summary>
    internal void Add(int start, int end, int y, int foreground)
    {
        if (Area == 0)
            (Left, Right, Top, Bottom) = (start, end, y, y + 1);
        Left = Math.Min(Left, start);
        Right = Math.Max(Right, end);
        Top = Math.Min(Top, y);
        Bottom = Math.Max(Bottom, y + 1);
        long n = end - start;
        Area += (int)n;
        SumX += n * (start + end - 1) / 2;
        SumY += n * y;
        SumForeground += foreground;
    }
}
