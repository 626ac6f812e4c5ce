namespace Microtome.Imaging;

/// <summary>How strongly an object is stained: means over its pixels.</summary>
/// <param name="First">Mean amount of the first stain (hematoxylin), optical density.</param>
/// <param name="Second">Mean amount of the second stain (eosin or DAB), optical density.</param>
/// <param name="FirstDeviation">Standard deviation of the first stain over the pixels, optical density.</param>
/// <param name="Pixels">Number of pixels; 0 when the label does not occur, all else is then 0.</param>
public readonly record struct StainIntensity(double First, double Second, double FirstDeviation, int Pixels)
{
    /// <summary>The intensities of all labels in one pass.</summary>
    /// <param name="deconvolution">The stains.</param>
    /// <param name="image">The picture.</param>
    /// <param name="labels">Labels 0..count of the same size, 0 = background.</param>
    /// <param name="count">The largest label.</param>
    /// <returns>Index 0 is the background.</returns>
    /// <exception cref="ArgumentException">The sizes differ.</exception>
    public static StainIntensity[] OfAll(ColorDeconvolution deconvolution, RgbImage image, Raster<int> labels, int count)
    {
        RequireSameSize(image, labels);
        var sums = new Sums[count + 1];
        var pixels = image.Pixels;
        for (int i = 0, p = 0; i < labels.Samples.Length; i++, p += 3)
            sums[labels.Samples[i]].Add(deconvolution.Amounts(pixels[p], pixels[p + 1], pixels[p + 2]));
        return Array.ConvertAll(sums, s => s.Result);
    }

    /// <summary>The intensity of one label inside its box.</summary>
    /// <exception cref="ArgumentException">The sizes differ.</exception>
    public static StainIntensity Of(ColorDeconvolution deconvolution, RgbImage image, Raster<int> labels, int label, PixelBox box)
    {
        RequireSameSize(image, labels);
        var sums = default(Sums);
        for (var y = box.Y; y < box.Bottom; y++)
        {
            var row = labels.Row(y);
            var pixels = image.Row(y);
            for (var x = box.X; x < box.Right; x++)
            {
                if (row[x] == label)
                    sums.Add(deconvolution.Amounts(pixels[3 * x], pixels[(3 * x) + 1], pixels[(3 * x) + 2]));
            }
        }

        return sums.Result;
    }

    private static void RequireSameSize(RgbImage image, Raster<int> labels)
    {
        if (image.Width != labels.Width || image.Height != labels.Height)
            throw new ArgumentException($"The picture has {image.Width} x {image.Height} pixels but the labels have {labels.Width} x {labels.Height}.", nameof(labels));
    }

    private struct Sums
    {
        private double _first;
        private double _second;
        private double _squares;
        private int _count;

        public readonly StainIntensity Result
        {
            get
            {
                if (_count == 0)
                    return default;
                var mean = _first / _count;
                return new StainIntensity(mean, _second / _count, Math.Sqrt(Math.Max(0, (_squares / _count) - (mean * mean))), _count);
            }
        }

        public void Add((float First, float Second) amounts)
        {
            _first += amounts.First;
            _second += amounts.Second;
            _squares += (double)amounts.First * amounts.First;
            _count++;
        }
    }
}
