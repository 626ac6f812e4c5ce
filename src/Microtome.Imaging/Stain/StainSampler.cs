namespace Microtome.Imaging;

/// <summary>Pixels of a slide's tissue for <see cref="StainEstimator"/>: the same for every run, spread evenly over the tissue.</summary>
public static class StainSampler
{
    /// <summary>Side of a sample pixel, um: fine enough that a nucleus is not mixed with its surroundings.</summary>
    public const double Microns = 0.5;

    private const int Side = 256;
    private const int Places = 48;
    private const int Step = 4;

    /// <summary>Estimates the colours of a slide.</summary>
    /// <param name="slide">The slide.</param>
    /// <param name="tissue">Its tissue.</param>
    /// <param name="method">The method.</param>
    /// <exception cref="SlideException">The slide cannot be read.</exception>
    public static StainProfile Estimate(ISlide slide, TissueMask tissue, StainMethod method) => StainEstimator.Estimate(method, Sample(slide, tissue));

    /// <summary>Samples tissue pixels: every fourth of every fourth row of up to 48 squares; pen marks and folds are left out.</summary>
    /// <returns>Pixels, shape [N, 3]; empty when there is no tissue.</returns>
    /// <exception cref="SlideException">The slide cannot be read.</exception>
    public static byte[] Sample(ISlide slide, TissueMask tissue)
    {
        // A slide coarser than 0.5 um is sampled as it is.
        var (mx, my) = slide.PixelSize is { } size ? (size.X, size.Y) : (Microns, Microns);
        var grid = new AnalysisGrid(Math.Max(1, Microns / mx), Math.Max(1, Microns / my));
        var result = new List<byte>();
        foreach (var place in TissuePlaces.Choose(tissue, grid, Side, Places, 0.5))
        {
            var image = slide.ReadGrid(grid, place);
            for (var y = 0; y < Side; y += Step)
            {
                var row = image.Row(y);
                for (var x = 0; x < Side; x += Step)
                {
                    var point = grid.ToLevel0(place.X + x + 0.5, place.Y + y + 0.5);
                    if (!tissue.Contains(point) || On(tissue.Pen.Mask, point) || On(tissue.Folds.Mask, point))
                        continue;
                    result.AddRange(row.Slice(x * 3, 3));
                }
            }
        }

        return [.. result];

        bool On(Raster<byte> mask, Level0Point point)
            => mask[(int)Math.Clamp(point.X / tissue.Grid.ScaleX, 0, mask.Width - 1), (int)Math.Clamp(point.Y / tissue.Grid.ScaleY, 0, mask.Height - 1)] != 0;
    }
}
