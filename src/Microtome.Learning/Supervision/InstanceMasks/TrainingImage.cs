using Microtome.Imaging;

namespace Microtome.Learning.Supervision.InstanceMasks;

/// <summary>One labelled picture with its dense targets, ready for sampling.</summary>
public sealed class TrainingImage
{
    /// <summary>Interleaved samples of a pixel: red, green, blue, foreground, distance, contact.</summary>
    public const int Planes = 6;

    private TrainingImage(ManifestRow row, int width, int height, byte[] samples, Raster<int> labels)
    {
        Row = row;
        Width = width;
        Height = height;
        Samples = samples;
        Labels = labels;
    }

    /// <summary>Where it came from.</summary>
    public ManifestRow Row { get; }

    /// <summary>Width in pixels.</summary>
    public int Width { get; }

    /// <summary>Height in pixels.</summary>
    public int Height { get; }

    /// <summary>Shape [Height, Width, <see cref="Planes"/>], each 0..255.</summary>
    public byte[] Samples { get; }

    /// <summary>The instances, 0 is background.</summary>
    public Raster<int> Labels { get; }

    /// <summary>Reads a picture and its mask and computes the targets.</summary>
    /// <param name="row">Where they lie.</param>
    /// <param name="split">Parts the components of a mask whose instances are not to be trusted (<see cref="ManifestRow.Instances"/> below 1); null leaves them.</param>
    /// <exception cref="SlideException">A file cannot be read or the two differ in size.</exception>
    public static TrainingImage Load(ManifestRow row, Func<RgbImage, Raster<int>, Raster<int>>? split = null)
    {
        var picture = ImageFile.ReadRgb(row.Image);
        var labels = LabelImage.Read(row.Mask);
        if (picture.Width != labels.Width || picture.Height != labels.Height)
        {
            throw new SlideException(
                $"{row.Mask}: the mask is {labels.Width} x {labels.Height}, its picture {row.Image} is {picture.Width} x {picture.Height}. They must be of one size.");
        }

        if (row.Instances < 1 && split is not null)
            labels = split(picture, labels);
        var targets = InstanceTargets.Compute(labels);
        var samples = new byte[checked(picture.Width * picture.Height * Planes)];
        for (int i = 0, o = 0; i < labels.Samples.Length; i++, o += Planes)
        {
            samples[o] = picture.Pixels[3 * i];
            samples[o + 1] = picture.Pixels[(3 * i) + 1];
            samples[o + 2] = picture.Pixels[(3 * i) + 2];
            samples[o + 3] = labels.Samples[i] > 0 ? (byte)255 : (byte)0;
            samples[o + 4] = (byte)MathF.Round(targets.Distance.Samples[i] * 255);
            samples[o + 5] = targets.Contact.Samples[i] > 0 ? (byte)255 : (byte)0;
        }

        return new TrainingImage(row, picture.Width, picture.Height, samples, labels);
    }
}
