using System.Numerics;

namespace Microtome.Server;

/// <summary>Column and row with their bits interleaved (Morton 1966): the tiles inside a tile of a lower zoom are one stretch of codes.</summary>
internal static class MortonCode
{
    /// <summary>Bits of a column or row.</summary>
    public const int Bits = 16;

    public static uint Of(uint column, uint row) => Spread(column) | (Spread(row) << 1);

    /// <summary>The first code of a tile <paramref name="below"/> zooms above the finest, and the first after it.</summary>
    public static (ulong First, ulong End) Range(uint column, uint row, int below)
    {
        ulong first = (ulong)Of(column, row) << (2 * below);
        return (first, first + (1UL << (2 * below)));
    }

    private static uint Spread(uint value)
    {
        uint x = value & 0xffff;
        x = (x | (x << 8)) & 0x00ff00ff;
        x = (x | (x << 4)) & 0x0f0f0f0f;
        x = (x | (x << 2)) & 0x33333333;
        return (x | (x << 1)) & 0x55555555;
    }

    /// <summary>The zoom at which one tile of <paramref name="tile"/> times 2^zoom pixels covers the sides.</summary>
    public static int ZoomFor(double width, double height, int tile)
    {
        double side = Math.Max(1, Math.Ceiling(Math.Max(width, height) / tile));
        return Math.Min(Bits, side <= 1 ? 0 : BitOperations.Log2((uint)Math.Min(side - 1, 1 << 30)) + 1);
    }
}
