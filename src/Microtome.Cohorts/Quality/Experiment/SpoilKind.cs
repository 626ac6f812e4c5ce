namespace Microtome.Cohorts;

/// <summary>What was done to a made slide.</summary>
public enum SpoilKind
{
    /// <summary>Nothing.</summary>
    None,

    /// <summary>Out of focus everywhere.</summary>
    Blur,

    /// <summary>Out of focus in one half.</summary>
    HalfBlur,

    /// <summary>The stated pixel size is twice the true one.</summary>
    PixelSizeTwice,

    /// <summary>The stated pixel size is half the true one.</summary>
    PixelSizeHalf,

    /// <summary>Strokes of a pen.</summary>
    Pen,
}
