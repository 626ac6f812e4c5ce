namespace Microtome.Imaging;

/// <summary>Where a pixel size was read, from the most to the least trusted.</summary>
public enum PixelSizeSource
{
    /// <summary>Given by the user (<c>--mpp</c>).</summary>
    User,

    /// <summary>A property of the scanner's vendor (openslide.mpp-x).</summary>
    Vendor,

    /// <summary>TIFF or JPEG resolution tags with their unit.</summary>
    ResolutionTag,

    /// <summary>Derived from the nominal magnification (10 um divided by it): a rough value.</summary>
    Magnification,

    /// <summary>Known by construction (the synthetic slide).</summary>
    Synthetic,
}
