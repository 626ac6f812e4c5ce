namespace Microtome.Imaging;

/// <summary>One level of a pyramid while it is written: its size, the strip of tiles that is being filled, and where its tiles went.</summary>
internal sealed class PyramidLevel
{
    /// <param name="width">Width in pixels.</param>
    /// <param name="height">Height in pixels.</param>
    /// <param name="downsample">Level-0 pixels per pixel.</param>
    /// <param name="tile">Tile side.</param>
    public PyramidLevel(int width, int height, int downsample, int tile)
    {
        Width = width;
        Height = height;
        Downsample = downsample;
        Columns = (width + tile - 1) / tile;
        Rows = (height + tile - 1) / tile;
        Strip = new byte[checked(width * 3 * Math.Min(tile, height))];
        Offsets = new long[checked(Columns * Rows)];
        Lengths = new long[Offsets.Length];
    }

    public int Width { get; }

    public int Height { get; }

    public int Downsample { get; }

    public int Columns { get; }

    public int Rows { get; }

    /// <summary>The rows of the current strip, shape [tile, Width, 3].</summary>
    public byte[] Strip { get; }

    /// <summary>Rows of the strip that are filled.</summary>
    public int Filled { get; set; }

    /// <summary>Strips already written.</summary>
    public int Written { get; set; }

    public long[] Offsets { get; }

    public long[] Lengths { get; }
}
