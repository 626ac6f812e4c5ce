namespace Microtome.Learning.Supervision.InstanceMasks;

/// <summary>How training crops vary. Ranges are uniform unless said otherwise.</summary>
public sealed record AugmentationOptions
{
    /// <summary>Smallest enlargement of a crop.</summary>
    public double ScaleFrom { get; init; } = 0.75;

    /// <summary>Largest enlargement of a crop (log-uniform between the two).</summary>
    public double ScaleTo { get; init; } = 1.35;

    /// <summary>Largest shear and stretch.</summary>
    public double Shear { get; init; } = 0.1;

    /// <summary>Share of crops with an elastic deformation.</summary>
    public double ElasticShare { get; init; } = 0.5;

    /// <summary>Largest standard deviation of the deformation at its 6 x 6 control points, pixels.</summary>
    public double ElasticPixels { get; init; } = 4;

    /// <summary>Share of crops that are reduced 1.5 to 2.2 times and enlarged again, as a 20x slide would be.</summary>
    public double LowMagnificationShare { get; init; } = 0.2;

    /// <summary>Share of the other crops that are blurred.</summary>
    public double BlurShare { get; init; } = 0.3;

    /// <summary>Largest sigma of the blur, pixels.</summary>
    public double BlurSigma { get; init; } = 1.5;

    /// <summary>Standard deviation of the factor on each stain's density.</summary>
    public double StainFactor { get; init; } = 0.2;

    /// <summary>Standard deviation of what is added to each stain's density.</summary>
    public double StainOffset { get; init; } = 0.04;

    /// <summary>Largest change of contrast.</summary>
    public double Contrast { get; init; } = 0.2;

    /// <summary>Largest change of brightness, of a range of 1.</summary>
    public double Brightness { get; init; } = 0.08;

    /// <summary>Largest change of each colour channel's gain.</summary>
    public double ChannelGain { get; init; } = 0.05;

    /// <summary>Share of crops with sensor noise.</summary>
    public double NoiseShare { get; init; } = 0.3;

    /// <summary>Largest standard deviation of the noise, of a range of 1.</summary>
    public double Noise { get; init; } = 0.04;

    /// <summary>The same variations, weaker or stronger: ranges and shares are multiplied.</summary>
    /// <param name="strength">0 gives rotation and mirroring only, 1 the options as they are.</param>
    /// <exception cref="ArgumentOutOfRangeException">The strength is not in 0..2.</exception>
    public AugmentationOptions Times(double strength)
    {
        if (!(strength is >= 0 and <= 2))
            throw new ArgumentOutOfRangeException(nameof(strength), strength, "The strength of the augmentation lies in 0..2.");
        return this with
        {
            ScaleFrom = Math.Pow(ScaleFrom, strength),
            ScaleTo = Math.Pow(ScaleTo, strength),
            Shear = Shear * strength,
            ElasticShare = Math.Min(1, ElasticShare * strength),
            ElasticPixels = ElasticPixels * strength,
            LowMagnificationShare = Math.Min(1, LowMagnificationShare * strength),
            BlurShare = Math.Min(1, BlurShare * strength),
            BlurSigma = BlurSigma * strength,
            StainFactor = StainFactor * strength,
            StainOffset = StainOffset * strength,
            Contrast = Contrast * strength,
            Brightness = Brightness * strength,
            ChannelGain = ChannelGain * strength,
            NoiseShare = Math.Min(1, NoiseShare * strength),
            Noise = Noise * strength,
        };
    }
}
