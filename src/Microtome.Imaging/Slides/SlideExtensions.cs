namespace Microtome.Imaging;

/// <summary>What can be said of any slide through its interface.</summary>
public static class SlideExtensions
{
    /// <summary>The pixel size, for work that cannot go without it.</summary>
    /// <exception cref="SlideException">The slide does not say how large its pixels are.</exception>
    public static PixelSize RequirePixelSize(this ISlide slide)
    {
        if (slide.PixelSize is { } size)
            return size;
        string why = slide.PixelSizeNotes.Count == 0 ? string.Empty : " " + string.Join(" ", slide.PixelSizeNotes);
        throw new SlideException($"{slide.Path} does not say how large its pixels are.{why} Pass --mpp with the microns per pixel (0.25 at 40x, 0.5 at 20x).");
    }

    /// <summary>The size of level 0 as a rectangle.</summary>
    public static Level0Rect Bounds(this ISlide slide) => new(0, 0, slide.Levels[0].Width, slide.Levels[0].Height);

    /// <summary>Reads a region into a new image.</summary>
    /// <exception cref="SlideException">The file is damaged there or cannot be read.</exception>
    public static RgbImage ReadRegion(this ISlide slide, LevelRect region)
    {
        var image = new RgbImage(region.Width, region.Height);
        slide.ReadRegion(region, image);
        return image;
    }

    /// <summary>The whole slide, its longer side at most <paramref name="maxSide"/> pixels; a smaller slide is not enlarged.</summary>
    /// <exception cref="SlideException">The file is damaged or cannot be read.</exception>
    public static RgbImage Thumbnail(this ISlide slide, int maxSide)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(maxSide);
        SlideLevel full = slide.Levels[0];
        double scale = Math.Max(1.0, Math.Max(full.Width, full.Height) / (double)maxSide);
        int width = (int)Math.Max(1, Math.Round(full.Width / scale));
        int height = (int)Math.Max(1, Math.Round(full.Height / scale));
        return slide.ReadGrid(new AnalysisGrid(full.Width / (double)width, full.Height / (double)height), new GridRect(0, 0, width, height));
    }
}
