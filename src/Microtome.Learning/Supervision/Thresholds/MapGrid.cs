using Microtome.Imaging;

namespace Microtome.Learning.Supervision.Thresholds;

/// <summary>Where the pixels of a map lie on the slide, level-0 pixels. Steps are not whole numbers in general; only <see cref="SuperPatch"/> rounds, once.</summary>
/// <param name="OriginX">Left edge of map pixel 0.</param>
/// <param name="OriginY">Top edge of map pixel 0.</param>
/// <param name="StepX">Width of a map pixel.</param>
/// <param name="StepY">Height of a map pixel.</param>
public sealed record MapGrid(double OriginX, double OriginY, double StepX, double StepY)
{
    /// <summary>Where the published extractor begins its grid; newer tools begin at 0. The difference is below what one sees.</summary>
    public const double PublishedOrigin = 1;

    /// <summary>
    /// The grid of a published picture map: patches of floor(1000 m / 20) / 10 px with m = 10 / mpp, which is 50 um cut to a tenth of a pixel (section 3.2). m is 40 at 0.25 um per
    /// pixel, 43.01 at 0.2325: the nominal magnification plays no part.
    /// </summary>
    public static MapGrid Published(PixelSize size, double origin = PublishedOrigin) => new(origin, origin, PublishedStep(size.X), PublishedStep(size.Y));

    /// <summary>The distance of patches, level-0 pixels, of a pixel size in um.</summary>
    public static double PublishedStep(double mpp) => Math.Floor((1000 * (10 / mpp) / 20) + 1e-9) / 10;

    /// <summary>The 3x3 patches around a map pixel: the patch is the middle, the rim is there for augmentation.</summary>
    public Level0Rect SuperPatch(int x, int y) => new(
        (long)Math.Round(OriginX + (StepX * (x - 1))),
        (long)Math.Round(OriginY + (StepY * (y - 1))),
        (long)Math.Round(3 * StepX),
        (long)Math.Round(3 * StepY));
}
