using Microtome.Imaging;

namespace Microtome.Pathology;

/// <summary>One row of a QuIP features file.</summary>
/// <param name="AreaInPixels">Area, level-0 pixels, truncated.</param>
/// <param name="PhysicalSize">Area, pixels of the 40x frame (not um2, whatever the name says).</param>
/// <param name="Polygon">Outline, level-0 pixels, tenths.</param>
public sealed record QuipNucleus(long AreaInPixels, long PhysicalSize, Polygon Polygon);
