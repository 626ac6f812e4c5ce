namespace Microtome.Pathology;

/// <summary>How sharp a slide is, from a fixed, even choice of tissue squares.</summary>
public sealed record FocusQuality
{
    /// <summary>um per pixel at which it was measured: 0.5, or the slide's own where that is coarser.</summary>
    public required double Mpp { get; init; }

    /// <summary>Squares that were looked at.</summary>
    public required int Tiles { get; init; }

    /// <summary>Of these, squares with enough detail to judge.</summary>
    public required int JudgedTiles { get; init; }

    /// <summary>Median of <see cref="FocusMeasure.Sharpness"/> over the judged squares; null when none could be judged.</summary>
    public double? SharpnessMedian { get; init; }

    /// <summary>5th percentile: the worst places.</summary>
    public double? SharpnessP05 { get; init; }

    /// <summary>Share of all squares that are below <see cref="FocusMeasure.BlurredBelow"/> or show no detail at all; null on slides too coarse to judge.</summary>
    public double? BlurredFraction { get; init; }
}
