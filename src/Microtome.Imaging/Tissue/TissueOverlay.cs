namespace Microtome.Imaging;

/// <summary>A picture of the slide with its tissue outlined, to be judged at a glance.</summary>
public static class TissueOverlay
{
    private static readonly (byte R, byte G, byte B) s_outline = (0, 140, 60);
    private static readonly (byte R, byte G, byte B) s_pen = (30, 60, 220);
    private static readonly (byte R, byte G, byte B) s_fold = (240, 140, 0);
    private static readonly (byte R, byte G, byte B) s_blur = (200, 0, 160);

    /// <summary>Draws the outlines (green: tissue, blue: pen, orange: folds, magenta: out of focus); what is not tissue is dimmed.</summary>
    /// <param name="slide">The slide.</param>
    /// <param name="tissue">Its tissue.</param>
    /// <param name="maxSide">Longer side of the picture, pixels.</param>
    /// <exception cref="SlideException">The slide cannot be read.</exception>
    public static RgbImage Draw(ISlide slide, TissueMask tissue, int maxSide = 1600)
        => Draw(slide.Thumbnail(maxSide), tissue);

    /// <summary>The same on a picture of the whole slide that is there already; it is drawn into.</summary>
    public static RgbImage Draw(RgbImage image, TissueMask tissue)
    {
        Paint(image, tissue.Mask, s_outline, dimOutside: true);
        Paint(image, tissue.Pen.Mask, s_pen, dimOutside: false);
        Paint(image, tissue.Folds.Mask, s_fold, dimOutside: false);
        Paint(image, tissue.Blur.Mask, s_blur, dimOutside: false);
        return image;
    }

    private static void Paint(RgbImage image, Raster<byte> mask, (byte R, byte G, byte B) color, bool dimOutside)
    {
        double sx = (double)mask.Width / image.Width, sy = (double)mask.Height / image.Height;
        var line = Math.Max(1, Math.Max(image.Width, image.Height) / 800);
        var scaled = new Raster<byte>(image.Width, image.Height);
        for (var y = 0; y < image.Height; y++)
        {
            var source = mask.Row((int)((y + 0.5) * sy));
            var row = scaled.Row(y);
            for (var x = 0; x < row.Length; x++)
                row[x] = source[(int)((x + 0.5) * sx)];
        }

        var inner = Morphology.ErodeSquare(scaled, line);
        for (int i = 0, p = 0; i < scaled.Samples.Length; i++, p += 3)
        {
            if (scaled.Samples[i] != 0 && inner.Samples[i] == 0)
                (image.Pixels[p], image.Pixels[p + 1], image.Pixels[p + 2]) = color;
            else if (dimOutside && scaled.Samples[i] == 0)
                (image.Pixels[p], image.Pixels[p + 1], image.Pixels[p + 2]) = (Dim(image.Pixels[p]), Dim(image.Pixels[p + 1]), Dim(image.Pixels[p + 2]));
        }

        static byte Dim(byte v) => (byte)((v * 3 / 5) + 60);
    }
}
