using System.Buffers;

namespace Microtome.Imaging;

/// <summary>
/// Reads tiles of the slide resampled as a whole. A grid pixel depends on its own global coordinates alone: positions and weights are computed from them and
/// the sums are whole numbers, so that any way of cutting the grid into tiles gives the same bytes.
/// Where the chosen level already has the grid's scale, pixels are copied; up to <see cref="AreaFrom"/> level pixels per grid pixel they are interpolated
/// linearly (enlargement too); beyond that they are averaged over the area of the grid pixel. The level is the smallest that is not coarser than the grid.
/// </summary>
public static class GridReader
{
    /// <summary>Level pixels per grid pixel from which areas are averaged, because interpolation would leave pixels out.</summary>
    public const double AreaFrom = 1.25;

    // Level pixels held at once; larger reads go in bands.
    private const long BandPixels = 1 << 23;

    // The level pixels of the last tile: tiles of one walk have few sizes, so that a thread rarely needs another.
    [ThreadStatic]
    private static RgbImage? t_source;

    /// <summary>Reads a part of the grid into a new image.</summary>
    /// <exception cref="SlideException">The file is damaged there or cannot be read.</exception>
    public static RgbImage ReadGrid(this ISlide slide, AnalysisGrid grid, GridRect region)
    {
        var image = new RgbImage(region.Width, region.Height);
        slide.ReadGrid(grid, region, image);
        return image;
    }

    /// <summary>Reads a part of the grid; what lies outside the slide is white.</summary>
    /// <param name="slide">The slide.</param>
    /// <param name="grid">The grid's scale.</param>
    /// <param name="region">The part, in grid pixels; it may lie outside.</param>
    /// <param name="destination">Receives the pixels; its size equals the region's.</param>
    /// <exception cref="SlideException">The file is damaged there or cannot be read.</exception>
    public static void ReadGrid(this ISlide slide, AnalysisGrid grid, GridRect region, RgbImage destination)
    {
        if (!(grid.ScaleX > 0) || !(grid.ScaleY > 0) || !double.IsFinite(grid.ScaleX) || !double.IsFinite(grid.ScaleY))
            throw new ArgumentOutOfRangeException(nameof(grid), grid, "The scale of a grid is a positive number.");
        if (region.Width != destination.Width || region.Height != destination.Height)
            throw new ArgumentException($"The region is {region.Width} x {region.Height} but the destination is {destination.Width} x {destination.Height}.", nameof(destination));
        int level = BestLevel(slide.Levels, grid);
        double downsample = slide.Levels[level].Downsample;
        double ratioX = Round(grid.ScaleX / downsample);
        double ratioY = Round(grid.ScaleY / downsample);
        if (ratioX == 1 && ratioY == 1)
        {
            slide.ReadRegion(new LevelRect(level, region.X, region.Y, region.Width, region.Height), destination);
            return;
        }

        ReadTaps(slide, level, new Taps(region.X, region.Width, ratioX), new Taps(region.Y, region.Height, ratioY), destination);
    }

    /// <summary>
    /// Reads an area at any size. The first pixel begins exactly where the area does and the last ends where it ends, wherever that lies on a grid; otherwise the rules are those of
    /// <see cref="ReadGrid(ISlide, AnalysisGrid, GridRect, RgbImage)"/>.
    /// </summary>
    /// <param name="slide">The slide.</param>
    /// <param name="area">Left, top, width and height in level-0 pixels; what lies outside the slide is white.</param>
    /// <param name="destination">Receives the pixels; its size is the one wanted.</param>
    /// <exception cref="SlideException">The file is damaged there or cannot be read.</exception>
    public static void ReadScaled(this ISlide slide, (double X, double Y, double Width, double Height) area, RgbImage destination)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(area.Width);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(area.Height);
        var grid = new AnalysisGrid(area.Width / destination.Width, area.Height / destination.Height);
        int level = BestLevel(slide.Levels, grid);
        double downsample = slide.Levels[level].Downsample;
        var (x, y) = (area.X / downsample, area.Y / downsample);
        if (grid.ScaleX == downsample && grid.ScaleY == downsample && x == Math.Floor(x) && y == Math.Floor(y))
        {
            slide.ReadRegion(new LevelRect(level, (long)x, (long)y, destination.Width, destination.Height), destination);
            return;
        }

        var columns = new Taps(area.X / grid.ScaleX, destination.Width, grid.ScaleX / downsample);
        var rows = new Taps(area.Y / grid.ScaleY, destination.Height, grid.ScaleY / downsample);
        ReadTaps(slide, level, columns, rows, destination);
    }

    /// <summary>The smallest level whose pixels are not larger than the grid's; level 0 when the grid is finer than the slide.</summary>
    public static int BestLevel(IReadOnlyList<SlideLevel> levels, AnalysisGrid grid)
    {
        double scale = Math.Min(grid.ScaleX, grid.ScaleY) * 1.001;
        int best = 0;
        for (int i = 1; i < levels.Count; i++)
        {
            if (levels[i].Downsample <= scale && levels[i].Downsample > levels[best].Downsample)
                best = i;
        }

        return best;
    }

    // A level of 4.00002 read at scale 4 is copied while the drift stays below half a pixel over the largest slides (1e6 level pixels).
    private static double Round(double ratio) => Math.Abs(ratio - Math.Round(ratio)) < 4e-7 && ratio > 0.5 ? Math.Round(ratio) : ratio;

    private static void ReadTaps(ISlide slide, int level, Taps columns, Taps rows, RgbImage destination)
    {
        for (int x = 0; x < destination.Width;)
        {
            int columnCount = columns.Fitting(x, BandPixels / 64);
            int sourceWidth = columns.Span(x, columnCount);
            for (int y = 0; y < destination.Height;)
            {
                int rowCount = rows.Fitting(y, Math.Max(1, BandPixels / sourceWidth));
                int sourceHeight = rows.Span(y, rowCount);
                RgbImage source = t_source is { } last && last.Width == sourceWidth && last.Height == sourceHeight ? last : new RgbImage(sourceWidth, sourceHeight);
                t_source = source;
                slide.ReadRegion(new LevelRect(level, columns.First[x], rows.First[y], source.Width, source.Height), source);
                Resample(source, columns, x, columnCount, rows, y, rowCount, destination);
                y += rowCount;
            }

            x += columnCount;
        }
    }

    private static void Resample(RgbImage source, Taps columns, int x0, int columnCount, Taps rows, int y0, int rowCount, RgbImage destination)
    {
        // Rows are first reduced along x to 14 bits (8 bits times 64), then along y. Weights have 14 bits and sum to exactly 1.
        int stride = columnCount * 3;
        ushort[] wide = ArrayPool<ushort>.Shared.Rent(source.Height * stride);
        int[] sums = ArrayPool<int>.Shared.Rent(stride);
        try
        {
            for (int y = 0; y < source.Height; y++)
                Taps.Along(source.Row(y), columns, x0, columnCount, wide.AsSpan(y * stride, stride));
            for (int y = 0; y < rowCount; y++)
            {
                Span<int> sum = sums.AsSpan(0, stride);
                sum.Fill(1 << 19);
                int first = (int)(rows.First[y0 + y] - rows.First[y0]);
                ReadOnlySpan<int> weights = rows.Weights(y0 + y);
                for (int t = 0; t < weights.Length; t++)
                {
                    int weight = weights[t];
                    ReadOnlySpan<ushort> line = wide.AsSpan((first + t) * stride, stride);
                    for (int i = 0; i < sum.Length; i++)
                        sum[i] += weight * line[i];
                }

                Span<byte> row = destination.Row(y0 + y).Slice(x0 * 3, stride);
                for (int i = 0; i < row.Length; i++)
                    row[i] = (byte)(sum[i] >> 20);
            }
        }
        finally
        {
            ArrayPool<ushort>.Shared.Return(wide);
            ArrayPool<int>.Shared.Return(sums);
        }
    }
}
