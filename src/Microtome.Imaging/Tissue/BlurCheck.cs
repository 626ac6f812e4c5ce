namespace Microtome.Imaging;

/// <summary>Focus from fine detail: the variance of the Laplacian of grey values at 0.5 um per pixel.</summary>
internal static class BlurCheck
{
    /// <summary>Tissue in focus has hundreds, tissue out of focus a few.</summary>
    public const double BlurredBelow = 30;

    /// <summary>Places whose grey values vary less than this (variance) hold too little to judge.</summary>
    public const double FlatBelow = 40;

    /// <summary>The variance of the four-neighbour Laplacian, and that of the grey values.</summary>
    public static (double Laplacian, double Grey) Variances(RgbImage image)
    {
        int width = image.Width, height = image.Height;
        var grey = new int[width * height];
        for (int i = 0, p = 0; i < grey.Length; i++, p += 3)
            grey[i] = ((image.Pixels[p] * 77) + (image.Pixels[p + 1] * 150) + (image.Pixels[p + 2] * 29) + 128) >> 8;
        long sum = 0, squares = 0, greySum = 0, greySquares = 0, n = 0;
        for (var y = 1; y < height - 1; y++)
        {
            for (var x = 1; x < width - 1; x++)
            {
                var i = (y * width) + x;
                var l = grey[i - 1] + grey[i + 1] + grey[i - width] + grey[i + width] - (4 * grey[i]);
                sum += l;
                squares += (long)l * l;
                greySum += grey[i];
                greySquares += (long)grey[i] * grey[i];
                n++;
            }
        }

        return n == 0 ? (0, 0) : (Variance(sum, squares, n), Variance(greySum, greySquares, n));
    }

    private static double Variance(long sum, long squares, long n) => ((double)squares / n) - ((double)sum / n * ((double)sum / n));
}
