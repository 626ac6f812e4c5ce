using System.Numerics;
using Microtome.Imaging;

namespace Microtome.Server;

/// <summary>The tiles of an open slide: where they lie, which are stored, and how the others are made. Any thread may call.</summary>
public sealed class SlideTiles : IDisposable
{
    /// <summary>JPEG quality of tiles that are made here.</summary>
    public const int Quality = 85;

    // The largest side of the picture from which all smaller levels are made.
    private const int OverviewSide = 1024;

    // Pixels that one answer may read: a slide without small levels cannot be shown from afar.
    private const long MostPixels = 1L << 27;

    // The same where stored tiles are decoded at an eighth of their size, which takes a tenth of the time.
    private const long MostStoredPixels = 1L << 31;

    private readonly ISlide slide;
    private readonly StoredTiles? stored;
    private readonly Lazy<RgbImage> overview;
    private readonly int overviewLevel;

    internal SlideTiles(ISlide slide, string key, int overviewSide = OverviewSide)
    {
        this.slide = slide;
        Key = key;
        stored = StoredTiles.TryOpen(slide);
        var full = slide.Levels[0];
        DeepZoom = new DeepZoomPyramid(full.Width, full.Height, TileSide());
        overviewLevel = Math.Min(DeepZoom.MaxLevel, BitOperations.Log2((uint)overviewSide));
        overview = new Lazy<RgbImage>(ReadOverview);
    }

    /// <summary>Path and state of the slide's file: another file is another key.</summary>
    public string Key { get; }

    /// <summary>Changes when the file changes, or the rules by which tiles are made.</summary>
    public string Version => Key[(Key.LastIndexOf('|') + 1)..] + "-1";

    /// <summary>As Deep Zoom sees the slide.</summary>
    public DeepZoomPyramid DeepZoom { get; }

    /// <summary>The side of the tiles of a level as <c>/slides/{id}/tiles</c> gives them.</summary>
    public (int Width, int Height) NaturalTile(int level) => stored?.TileSize(level) ?? (DeepZoom.TileSize, DeepZoom.TileSize);

    /// <summary>Whether any tile of a level is handed on as it is stored.</summary>
    public bool IsStored(int level) => stored?.TileSize(level) is not null;

    /// <summary>The pixels of a tile of the slide's own pyramid; null when there is no such tile.</summary>
    public LevelRect? NaturalTileOf(int level, long column, long row)
    {
        if (level < 0 || level >= slide.Levels.Count || column < 0 || row < 0)
            return null;
        var (width, height) = NaturalTile(level);
        var size = slide.Levels[level];
        if (column > (size.Width - 1) / width || row > (size.Height - 1) / height)
            return null;
        return new LevelRect(level, column * width, row * height, (int)Math.Min(width, size.Width - (column * width)), (int)Math.Min(height, size.Height - (row * height)));
    }

    /// <summary>A Deep Zoom tile that is stored as it is needed; null when it must be made.</summary>
    /// <exception cref="SlideException">The file is damaged there.</exception>
    public byte[]? StoredDeepZoom(int level, long column, long row)
    {
        if (stored is null)
            return null;
        long downsample = DeepZoom.Downsample(level);
        for (int i = 0; i < slide.Levels.Count; i++)
        {
            if (slide.Levels[i].Downsample == downsample)
                return stored.TileSize(i) == (DeepZoom.TileSize, DeepZoom.TileSize) && stored.IsWhole(i, column, row) ? stored.Read(i, column, row) : null;
        }

        return null;
    }

    /// <summary>A tile of the slide's own pyramid that is stored as it is needed; null when it must be made.</summary>
    /// <exception cref="SlideException">The file is damaged there.</exception>
    public byte[]? StoredNatural(int level, long column, long row) => stored?.IsWhole(level, column, row) == true ? stored.Read(level, column, row) : null;

    /// <summary>An area at a size, when it is a tile that is stored so; null when it must be made.</summary>
    /// <exception cref="SlideException">The file is damaged there.</exception>
    public byte[]? StoredArea(Level0Rect area, int width, int height) =>
        TileAt(area, width, height) is { } tile ? StoredDeepZoom(tile.Level, tile.Column, tile.Row) : null;

    /// <summary>Reads an area at a size. Tiles of the Deep Zoom grid are the very same pixels.</summary>
    /// <exception cref="SlideException">The file is damaged there, or has no level small enough.</exception>
    public RgbImage ReadArea(Level0Rect area, int width, int height)
    {
        if (TileAt(area, width, height) is { } tile && DeepZoom.TileOf(tile.Level, tile.Column, tile.Row) is { } pixels)
            return ReadDeepZoom(tile.Level, pixels);
        // The smallest Deep Zoom level that is not coarser: where the file lacks it, tiles of the file give it for little.
        int level = DeepZoom.MaxLevel;
        double scale = Math.Min(area.Width / (double)width, area.Height / (double)height);
        while (level > 0 && DeepZoom.Downsample(level - 1) <= scale)
            level--;
        double d = DeepZoom.Downsample(level);
        var grid = new AnalysisGrid(d, d);
        var source = slide.Levels[GridReader.BestLevel(slide.Levels, grid)];
        if (level > overviewLevel)
            CheckCost(area.Width / source.Downsample, area.Height / source.Downsample);
        var image = new RgbImage(width, height);
        if (d == 1)
            slide.ReadScaled((area.X, area.Y, area.Width, area.Height), image);
        else
            new DeepZoomLevel(this, slide, level).ReadScaled((area.X / d, area.Y / d, area.Width / d, area.Height / d), image);
        return image;
    }

    /// <summary>The whole slide, its longer side at most <paramref name="side"/> pixels; a smaller slide is not enlarged.</summary>
    /// <exception cref="SlideException">The file is damaged, or has no level small enough.</exception>
    public RgbImage Thumbnail(int side)
    {
        double scale = Math.Max(1, Math.Max(DeepZoom.Width, DeepZoom.Height) / (double)side);
        return ReadArea(new Level0Rect(0, 0, DeepZoom.Width, DeepZoom.Height), (int)Math.Max(1, Math.Round(DeepZoom.Width / scale)), (int)Math.Max(1, Math.Round(DeepZoom.Height / scale)));
    }

    /// <summary>Reads and encodes a Deep Zoom tile.</summary>
    /// <exception cref="SlideException">The file is damaged there.</exception>
    public byte[] MakeDeepZoom(int level, GridRect tile) => Encoder.Jpeg(ReadDeepZoom(level, tile), Quality);

    /// <summary>Reads and encodes a tile of the slide's own pyramid.</summary>
    /// <exception cref="SlideException">The file is damaged there.</exception>
    public byte[] MakeNatural(LevelRect tile) => Encoder.Jpeg(slide.ReadRegion(tile), Quality);

    /// <inheritdoc/>
    public void Dispose() => stored?.Dispose();

    /// <summary>Reads a part of a Deep Zoom level; it lies inside.</summary>
    /// <exception cref="SlideException">The file is damaged there, or has no level small enough.</exception>
    internal RgbImage ReadDeepZoom(int level, GridRect tile)
    {
        if (level > overviewLevel)
            return ReadGrid(DeepZoom.Downsample(level), tile);
        var source = overview.Value;
        if (level == overviewLevel)
            return Cut(source, tile);
        return Shrink(source, 1 << (overviewLevel - level), tile);
    }

    // The place of an area in the Deep Zoom grid when it is exactly one of its tiles.
    private (int Level, long Column, long Row)? TileAt(Level0Rect area, int width, int height)
    {
        int level = DeepZoom.MaxLevel;
        for (; level > 0 && DeepZoom.Downsample(level) * width < area.Width; level--)
        {
        }

        long step = DeepZoom.TileSize * DeepZoom.Downsample(level);
        if (area.X % step != 0 || area.Y % step != 0 || DeepZoom.TileOf(level, area.X / step, area.Y / step) is not { } tile || tile.Width != width || tile.Height != height)
            return null;
        bool whole = area.Width == Math.Min(step, DeepZoom.Width - area.X) && area.Height == Math.Min(step, DeepZoom.Height - area.Y);
        return whole ? (level, area.X / step, area.Y / step) : null;
    }

    private void CheckCost(double width, double height)
    {
        if (width * height > MostPixels)
            throw new SlideException($"{slide.Name} has no small levels: to show it from afar, {width * height / 1e6:0} megapixels would have to be read. Make a pyramid of it: microtome slide convert.");
    }

    private RgbImage ReadOverview()
    {
        var (width, height) = DeepZoom.SizeOf(overviewLevel);
        return ReadGrid(DeepZoom.Downsample(overviewLevel), new GridRect(0, 0, (int)width, (int)height));
    }

    private RgbImage ReadGrid(long downsample, GridRect region)
    {
        var grid = new AnalysisGrid(downsample, downsample);
        int level = GridReader.BestLevel(slide.Levels, grid);
        var source = slide.Levels[level];
        double ratio = downsample / source.Downsample;
        if (ratio >= 2 && Shrunk(level, (long)ratio, region) is { } shrunk)
            return shrunk;
        CheckCost(region.Width * ratio, region.Height * ratio);
        var image = slide.ReadGrid(grid, region);
        if (ratio > 1)
        {
            MendBorder(image, image.Width - 1, (source.Width / ratio) - region.X - (image.Width - 1), 3, image.Width * 3, image.Height);
            MendBorder(image, image.Height - 1, (source.Height / ratio) - region.Y - (image.Height - 1), image.Width * 3, 3, image.Width);
        }

        return image;
    }

    // Straight from stored tiles: JPEG gives an eighth at most, the rest are means.
    private RgbImage? Shrunk(int level, long ratio, GridRect region)
    {
        if (stored?.TileSize(level) is null || !BitOperations.IsPow2(ratio) || region.Width * ratio * region.Height * ratio > MostStoredPixels)
            return null;
        int threads = region.Width > 2 * DeepZoom.TileSize ? Environment.ProcessorCount : 1;
        int shrink = (int)Math.Min(8, ratio);
        int factor = (int)(ratio / shrink);
        var (width, height) = ((slide.Levels[level].Width + shrink - 1) / shrink, (slide.Levels[level].Height + shrink - 1) / shrink);
        var (x, y) = (region.X * factor, region.Y * factor);
        var part = new GridRect(x, y, (int)Math.Min(region.Width * factor, width - x), (int)Math.Min(region.Height * factor, height - y));
        if (part.Width <= (region.Width - 1) * factor || part.Height <= (region.Height - 1) * factor)
            return null; // A level of the file that ends a pixel early.
        var image = stored.ReadShrunk(level, shrink, part, threads);
        return image is null || factor == 1 ? image : Shrink(image, factor, new GridRect(0, 0, region.Width, region.Height));
    }

    // The last pixels of a row or column may lie on the slide in part; the reader mixes them with the white beyond. That share is taken out again, and where little would be
    // left the neighbour is repeated. `step` leads to the neighbour before, `along` to the next pixel of the border.
    private static void MendBorder(RgbImage image, int last, double inside, int step, int along, int count)
    {
        const double enough = 0.25;
        if (inside >= 1 || (inside < enough && last == 0))
            return;
        for (int n = 0; n < count; n++)
        {
            int at = (last * step) + (n * along);
            for (int c = 0; c < 3; c++)
                image.Pixels[at + c] = inside < enough ? image.Pixels[at + c - step] : (byte)Math.Clamp(Math.Round(255 - ((255 - image.Pixels[at + c]) / inside)), 0, 255);
        }
    }

    // Tiles of the same side as the stored ones are decoded once each, whether they can be handed on or not.
    private int TileSide()
    {
        if (stored?.TileSize(0) is { } tile && tile.Width == tile.Height && tile.Width is >= 128 and <= 1024)
            return tile.Width;
        return Property("tile-width") is { } width && width == Property("tile-height") && width is >= 128 and <= 1024 ? width : 256;
    }

    private int? Property(string name) => slide.Properties.TryGetValue($"openslide.level[0].{name}", out string? text) && int.TryParse(text, out int value) ? value : null;

    private static RgbImage Cut(RgbImage source, GridRect tile)
    {
        var image = new RgbImage(tile.Width, tile.Height);
        for (int y = 0; y < tile.Height; y++)
            source.Row((int)tile.Y + y).Slice((int)tile.X * 3, tile.Width * 3).CopyTo(image.Row(y));
        return image;
    }

    // Means of factor x factor pixels; at the right and lower border of those that exist.
    private static RgbImage Shrink(RgbImage source, int factor, GridRect tile)
    {
        var image = new RgbImage(tile.Width, tile.Height);
        for (int y = 0; y < tile.Height; y++)
        {
            int y0 = ((int)tile.Y + y) * factor;
            int y1 = Math.Min(y0 + factor, source.Height);
            var row = image.Row(y);
            for (int x = 0; x < tile.Width; x++)
            {
                int x0 = ((int)tile.X + x) * factor;
                int x1 = Math.Min(x0 + factor, source.Width);
                int r = 0, g = 0, b = 0;
                for (int v = y0; v < y1; v++)
                {
                    var line = source.Row(v)[(x0 * 3)..(x1 * 3)];
                    for (int i = 0; i < line.Length; i += 3)
                    {
                        r += line[i];
                        g += line[i + 1];
                        b += line[i + 2];
                    }
                }

                int count = (y1 - y0) * (x1 - x0);
                row[3 * x] = (byte)((r + (count / 2)) / count);
                row[(3 * x) + 1] = (byte)((g + (count / 2)) / count);
                row[(3 * x) + 2] = (byte)((b + (count / 2)) / count);
            }
        }

        return image;
    }
}
