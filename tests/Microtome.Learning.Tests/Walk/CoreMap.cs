using Microtome.Imaging;

namespace Microtome.Learning.Tests;

/// <summary>A map that checks its whole window against the truth and gives back the core's second channel.</summary>
internal sealed class CoreMap : ITileMap<byte[]>
{
    public Action<WalkTile>? BeforeMap { get; init; }

    public byte[] Map(WalkTile tile, RgbImage image, ByteMaps maps)
    {
        BeforeMap?.Invoke(tile);
        int left = (int)(tile.Core.X - tile.Window.X), top = (int)(tile.Core.Y - tile.Window.Y);
        var core = new byte[tile.Core.Width * tile.Core.Height * 2];
        for (int y = 0; y < tile.Core.Height; y++)
        {
            maps.Row(1, top + y).Slice(left, tile.Core.Width).CopyTo(core.AsSpan(y * tile.Core.Width));
            for (int x = 0; x < tile.Core.Width; x++)
                core[((tile.Core.Height + y) * tile.Core.Width) + x] = image.Row(top + y)[((left + x) * 3) + 2];
        }

        return core;
    }
}
