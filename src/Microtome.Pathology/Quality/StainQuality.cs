namespace Microtome.Pathology;

/// <summary>The colours of a slide's tissue. Densities are optical densities to base 10.</summary>
public sealed record StainQuality
{
    /// <summary>Tissue pixels that were looked at.</summary>
    public required int Pixels { get; init; }

    /// <summary>Mean amount of haematoxylin, by fixed stain vectors (Ruifrok and Johnston 2001), so that slides can be compared.</summary>
    public required double HaematoxylinMeanOd { get; init; }

    /// <summary>Mean amount of eosin, by fixed stain vectors.</summary>
    public required double EosinMeanOd { get; init; }

    /// <summary>Mean saturation, 0 to 1.</summary>
    public required double SaturationMean { get; init; }

    /// <summary>Mean colour, 0 to 255.</summary>
    public required double RedMean { get; init; }

    /// <summary>Mean colour, 0 to 255.</summary>
    public required double GreenMean { get; init; }

    /// <summary>Mean colour, 0 to 255.</summary>
    public required double BlueMean { get; init; }

    /// <summary>Angle between the slide's own two stains (Macenko 2009), degrees; null when they could not be told apart.</summary>
    public double? StainAngleDegrees { get; init; }

    /// <summary>Share of the stained pixels whose colour is neither haematoxylin nor eosin nor a mixture: ink, pigment, other stains.</summary>
    public required double ForeignFraction { get; init; }
}
