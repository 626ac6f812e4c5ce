namespace Microtome.Imaging;

/// <summary>
/// Divides the optical density of each pixel between two stains. Amounts are linear in the densities of the channels, so they are the
/// sum of three table entries a pixel. With two unit vectors the least-squares solution equals Ruifrok and Johnston's inverse with the
/// cross product as third vector.
/// </summary>
public sealed class ColorDeconvolution
{
    private readonly float[] _tables;

    /// <summary>Prepares the tables.</summary>
    public ColorDeconvolution(StainVectors vectors)
    {
        Vectors = vectors;
        var rows = vectors.PlanarUnmixing();
        _tables = new float[2 * 3 * 256];
        for (var stain = 0; stain < 2; stain++)
        {
            for (var channel = 0; channel < 3; channel++)
            {
                for (var v = 0; v < 256; v++)
                    _tables[(((stain * 3) + channel) * 256) + v] = (float)(rows[stain][channel] * OpticalDensity.Of((byte)v));
            }
        }
    }

    /// <summary>The stains.</summary>
    public StainVectors Vectors { get; }

    /// <summary>The amounts of both stains in one pixel, optical density; may be negative where the colour lies outside the two.</summary>
    public (float First, float Second) Amounts(byte red, byte green, byte blue)
        => (_tables[red] + _tables[256 + green] + _tables[512 + blue], _tables[768 + red] + _tables[1024 + green] + _tables[1280 + blue]);

    /// <summary>The amounts of both stains, optical density; negative amounts are kept.</summary>
    /// <param name="image">The picture.</param>
    /// <param name="first">Receives the first stain, shape [Height, Width].</param>
    /// <param name="second">Receives the second stain, shape [Height, Width].</param>
    public void Separate(RgbImage image, Span<float> first, Span<float> second)
    {
        var pixels = image.Pixels.AsSpan();
        var count = image.Width * image.Height;
        if (first.Length != count || second.Length != count)
            throw new ArgumentException($"{count} amounts are needed, given room for {first.Length} and {second.Length}.", nameof(first));
        ReadOnlySpan<float> tables = _tables.AsSpan(0, 1536);
        for (int i = 0, p = 0; i < count; i++, p += 3)
        {
            int r = pixels[p], g = pixels[p + 1], b = pixels[p + 2];
            first[i] = tables[r] + tables[256 + g] + tables[512 + b];
            second[i] = tables[768 + r] + tables[1024 + g] + tables[1280 + b];
        }
    }

    /// <summary>The amounts of both stains as new rasters.</summary>
    public (Raster<float> First, Raster<float> Second) Separate(RgbImage image)
    {
        var (first, second) = (new Raster<float>(image.Width, image.Height), new Raster<float>(image.Width, image.Height));
        Separate(image, first.Samples, second.Samples);
        return (first, second);
    }
}
