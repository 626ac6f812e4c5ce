using Microtome.Imaging;

namespace Microtome.Pathology;

/// <summary>
/// What the network says about a window, in steps of 1/255: probability of nucleus, normalised distance (1 at the centre of a nucleus, 0 at its
/// border) and, where the network has it, probability of contact between two nuclei. Made once a worker and written anew for every window.
/// </summary>
public sealed class NucleusMaps
{
    /// <summary>Makes empty maps.</summary>
    /// <param name="width">Width, pixels.</param>
    /// <param name="height">Height, pixels.</param>
    /// <param name="withContact">Whether there is a contact map.</param>
    public NucleusMaps(int width, int height, bool withContact = false)
    {
        Foreground = new Raster<byte>(width, height);
        Distance = new Raster<byte>(width, height);
        Contact = withContact ? new Raster<byte>(width, height) : null;
    }

    /// <summary>Width in pixels.</summary>
    public int Width => Foreground.Width;

    /// <summary>Height in pixels.</summary>
    public int Height => Foreground.Height;

    /// <summary>Probability of nucleus, shape [Height, Width].</summary>
    public Raster<byte> Foreground { get; }

    /// <summary>Normalised distance to the border of the nucleus, shape [Height, Width].</summary>
    public Raster<byte> Distance { get; }

    /// <summary>Probability that two nuclei touch, shape [Height, Width], or null.</summary>
    public Raster<byte>? Contact { get; }

    /// <summary>Values 0..1 to steps of 1/255, rounded; what lies outside is clamped and NaN becomes 0.</summary>
    /// <exception cref="ArgumentException">The lengths differ.</exception>
    public static void Quantise(ReadOnlySpan<float> values, Span<byte> bytes)
    {
        if (values.Length != bytes.Length)
            throw new ArgumentException($"{values.Length} values do not fit {bytes.Length} bytes.", nameof(bytes));
        FixedPoint.ToBytes(values, bytes);
    }
}
