using Microtome.Imaging;

namespace Microtome.Server;

/// <summary>A Deep Zoom level as a slide of one level, so that it can be read at any size. Owns nothing.</summary>
internal sealed class DeepZoomLevel(SlideTiles tiles, ISlide slide, int level) : ISlide
{
    public string Name => slide.Name;

    public string Path => slide.Path;

    public string Format => slide.Format;

    public IReadOnlyList<SlideLevel> Levels { get; } = [new(tiles.DeepZoom.SizeOf(level).Width, tiles.DeepZoom.SizeOf(level).Height, 1)];

    public PixelSize? PixelSize => null;

    public IReadOnlyList<string> PixelSizeNotes => [];

    public IReadOnlyDictionary<string, string> Properties => slide.Properties;

    public void ReadRegion(LevelRect region, RgbImage destination)
    {
        // Beyond the border the last pixel goes on, so that nothing white is mixed in.
        var size = Levels[0];
        long left = Math.Clamp(region.X, 0, size.Width - 1), top = Math.Clamp(region.Y, 0, size.Height - 1);
        long right = Math.Clamp(region.X + region.Width, left + 1, size.Width), bottom = Math.Clamp(region.Y + region.Height, top + 1, size.Height);
        var inside = tiles.ReadDeepZoom(level, new GridRect(left, top, (int)(right - left), (int)(bottom - top)));
        for (int y = 0; y < region.Height; y++)
        {
            var from = inside.Row((int)(Math.Clamp(region.Y + y, top, bottom - 1) - top));
            var to = destination.Row(y);
            for (int x = 0; x < region.Width;)
            {
                long at = region.X + x;
                int run = at >= left && at < right ? (int)Math.Min(right - at, region.Width - x) : 1;
                from.Slice((int)(Math.Clamp(at, left, right - 1) - left) * 3, run * 3).CopyTo(to[(x * 3)..]);
                x += run;
            }
        }
    }

    public void Dispose()
    {
    }
}
