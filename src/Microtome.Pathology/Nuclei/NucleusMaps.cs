using Microtome.Learning;

namespace Microtome.Pathology;

/// <summary>The channels of a nucleus network's maps.</summary>
public static class NucleusMaps
{
    /// <summary>Probability of nucleus.</summary>
    public const int Foreground = 0;

    /// <summary>Normalised distance: 1 at the centre of a nucleus, 0 at its border.</summary>
    public const int Distance = 1;

    /// <summary>Probability that two nuclei touch; a network need not have it.</summary>
    public const int Contact = 2;

    /// <summary>Values 0..1 to steps of 1/255, rounded; what lies outside is clamped and NaN becomes 0.</summary>
    /// <exception cref="ArgumentException">The lengths differ.</exception>
    public static void Quantise(ReadOnlySpan<float> values, Span<byte> bytes)
    {
        if (values.Length != bytes.Length)
            throw new ArgumentException($"{values.Length} values do not fit {bytes.Length} bytes.", nameof(bytes));
        FixedPoint.ToBytes(values, bytes);
    }

    /// <summary>Makes the maps of a window from the network's output.</summary>
    /// <param name="values">Shape [2 or 3, height, width], 0..1.</param>
    /// <param name="channels">2, or 3 with contact.</param>
    /// <param name="width">Width, pixels.</param>
    /// <param name="height">Height, pixels.</param>
    public static ByteMaps From(ReadOnlySpan<float> values, int channels, int width, int height)
    {
        var maps = new ByteMaps(channels, width, height);
        Quantise(values, maps.Samples);
        return maps;
    }
}
