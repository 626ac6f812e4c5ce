namespace Microtome.Imaging;

/// <summary>The coarse grid of tissue masks: whole pixels over the whole slide.</summary>
internal static class TissueGrid
{
    /// <summary>A mask never has more pixels than this; its pixels grow instead.</summary>
    public const double MostPixels = 1 << 24;

    // Longer side of the mask when the slide does not say how large its pixels are.
    private const double UnknownSide = 2048;

    /// <summary>The grid, its width and its height.</summary>
    public static (AnalysisGrid Grid, int Width, int Height) Of(ISlide slide, double microns)
    {
        double width = slide.Levels[0].Width, height = slide.Levels[0].Height;
        var (sx, sy) = slide.PixelSize is { } size ? (microns / size.X, microns / size.Y) : (Math.Max(width, height) / UnknownSide, Math.Max(width, height) / UnknownSide);
        var growth = Math.Max(1, Math.Sqrt(width * height / (sx * sy) / MostPixels));
        var columns = (int)Math.Max(1, Math.Round(width / Math.Max(1, sx * growth)));
        var rows = (int)Math.Max(1, Math.Round(height / Math.Max(1, sy * growth)));
        return (new AnalysisGrid(width / columns, height / rows), columns, rows);
    }
}
