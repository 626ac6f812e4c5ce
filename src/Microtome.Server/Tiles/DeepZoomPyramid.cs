using System.Globalization;
using System.Numerics;
using Microtome.Imaging;

namespace Microtome.Server;

/// <summary>
/// The Deep Zoom pyramid of a slide: level <see cref="MaxLevel"/> is the slide, each level below has half its size rounded up, level 0 is one pixel
/// (Microsoft's Deep Zoom file format). Tiles do not overlap, so that stored tiles can be handed on.
/// </summary>
/// <param name="Width">Level-0 pixels of the slide.</param>
/// <param name="Height">Level-0 pixels of the slide.</param>
/// <param name="TileSize">Side of a tile, pixels.</param>
public sealed record DeepZoomPyramid(long Width, long Height, int TileSize)
{
    /// <summary>The level of the full size.</summary>
    public int MaxLevel { get; } = 64 - BitOperations.LeadingZeroCount((ulong)Math.Max(Width, Height) - 1);

    /// <summary>Slide pixels per pixel of a level.</summary>
    public long Downsample(int level) => 1L << (MaxLevel - level);

    /// <summary>The size of a level, pixels.</summary>
    public (long Width, long Height) SizeOf(int level) => (Ceiling(Width, Downsample(level)), Ceiling(Height, Downsample(level)));

    /// <summary>The pixels of a tile in its level; null when there is no such tile. Tiles at the right and lower border are smaller.</summary>
    public GridRect? TileOf(int level, long column, long row)
    {
        if (level < 0 || level > MaxLevel || column < 0 || row < 0)
            return null;
        var (width, height) = SizeOf(level);
        if (column >= Ceiling(width, TileSize) || row >= Ceiling(height, TileSize))
            return null;
        long x = column * TileSize;
        long y = row * TileSize;
        return new GridRect(x, y, (int)Math.Min(TileSize, width - x), (int)Math.Min(TileSize, height - y));
    }

    /// <summary>The descriptor.</summary>
    public string ToXml() => string.Create(
        CultureInfo.InvariantCulture,
        $"""<?xml version="1.0" encoding="UTF-8"?><Image xmlns="http://schemas.microsoft.com/deepzoom/2008" Format="jpeg" Overlap="0" TileSize="{TileSize}"><Size Width="{Width}" Height="{Height}"/></Image>""");

    private static long Ceiling(long a, long b) => (a + b - 1) / b;
}
