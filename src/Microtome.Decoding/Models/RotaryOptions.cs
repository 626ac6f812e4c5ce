namespace Microtome.Decoding;

/// <summary>Rotary position embedding: pair i of a head turns by position * theta^(-2i/width), perhaps scaled for longer contexts.</summary>
public sealed record RotaryOptions
{
    /// <summary>The base of the wavelengths.</summary>
    public double Theta { get; init; } = 10000;

    /// <summary>All frequencies are divided by this (rope_type linear).</summary>
    public double LinearFactor { get; init; } = 1;

    /// <summary>Llama 3: long wavelengths are stretched by this; 0 when not used.</summary>
    public double Llama3Factor { get; init; }

    /// <summary>Llama 3: wavelengths above original/low are stretched fully.</summary>
    public double LowFrequency { get; init; } = 1;

    /// <summary>Llama 3: wavelengths below original/high are left alone.</summary>
    public double HighFrequency { get; init; } = 4;

    /// <summary>Llama 3: the context of the first training.</summary>
    public double OriginalContext { get; init; } = 8192;

    /// <summary>Cosines, then sines [positions, width] of a head or of a part of one.</summary>
    internal unsafe void Fill(float* table, int positions, int width)
    {
        var half = width / 2;
        for (var i = 0; i < half; i++)
        {
            var frequency = Frequency(i, width);
            for (var p = 0; p < positions; p++)
            {
                // Single precision before the angle, as the usual implementations do.
                var angle = (double)((float)p * (float)frequency);
                table[((long)p * width) + i] = (float)Math.Cos(angle);
                table[((long)p * width) + half + i] = (float)Math.Sin(angle);
            }
        }
    }

    /// <summary>Radians a position of pair i.</summary>
    internal double Frequency(int pair, int width)
    {
        var frequency = Math.Pow(Theta, -2.0 * pair / width) / LinearFactor;
        if (Llama3Factor == 0)
            return frequency;
        var wavelength = 2 * Math.PI / frequency;
        if (wavelength > OriginalContext / LowFrequency)
            return frequency / Llama3Factor;
        if (wavelength < OriginalContext / HighFrequency)
            return frequency;
        var smooth = ((OriginalContext / wavelength) - LowFrequency) / (HighFrequency - LowFrequency);
        return ((1 - smooth) * frequency / Llama3Factor) + (smooth * frequency);
    }
}
