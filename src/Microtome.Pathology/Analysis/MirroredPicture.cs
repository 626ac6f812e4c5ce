using Microtome.Imaging;
using Microtome.Learning;

namespace Microtome.Pathology;

/// <summary>
/// A picture on an analysis grid with a mirrored margin, as the walk's source: a field of view goes on where it was cut, unlike a slide, whose surroundings are glass.
/// </summary>
internal sealed class MirroredPicture : ITileSource, IRegionOfInterest
{
    /// <summary>Width of the margin, grid pixels; a multiple of <see cref="WalkLayout.Snap"/>.</summary>
    public const int Margin = 128;

    private readonly ISlide picture;
    private readonly AnalysisGrid grid;
    private readonly long width;
    private readonly long height;

    public MirroredPicture(ISlide picture, AnalysisGrid grid)
    {
        this.picture = picture;
        this.grid = grid;
        (width, height) = grid.SizeOf(picture.Levels[0]);
        (Width, Height) = (width + (2 * Margin), height + (2 * Margin));
    }

    public long Width { get; }

    public long Height { get; }

    public GridRect? Bounds(GridRect area)
    {
        long left = Math.Max(area.X, Margin), right = Math.Min(area.X + area.Width, Margin + width);
        long top = Math.Max(area.Y, Margin), bottom = Math.Min(area.Y + area.Height, Margin + height);
        return left < right && top < bottom ? new GridRect(left, top, (int)(right - left), (int)(bottom - top)) : null;
    }

    public void Read(GridRect window, RgbImage destination)
    {
        var (firstX, lastX) = Span(window.X, window.Width, width);
        var (firstY, lastY) = Span(window.Y, window.Height, height);
        var inside = picture.ReadGrid(grid, new GridRect(firstX, firstY, (int)(lastX - firstX + 1), (int)(lastY - firstY + 1)));
        for (int y = 0; y < window.Height; y++)
        {
            var source = inside.Row((int)(Mirror(window.Y + y - Margin, height) - firstY));
            var target = destination.Row(y);
            for (int x = 0; x < window.Width; x++)
                source.Slice((int)(Mirror(window.X + x - Margin, width) - firstX) * 3, 3).CopyTo(target[(x * 3)..]);
        }
    }

    private static (long First, long Last) Span(long start, int count, long length)
    {
        long first = long.MaxValue, last = long.MinValue;
        for (long i = start - Margin; i < start - Margin + count; i++)
        {
            long at = Mirror(i, length);
            first = Math.Min(first, at);
            last = Math.Max(last, at);
        }

        return (first, last);
    }

    // The edge pixel is not repeated: -1 shows pixel 1.
    private static long Mirror(long i, long length)
    {
        long period = Math.Max(2 * (length - 1), 1);
        i = ((i % period) + period) % period;
        return i < length ? i : period - i;
    }
}
