using Microtome.Imaging;

namespace Microtome.Pathology;

/// <summary>A picture of a place with the outlines of its nuclei.</summary>
/// <param name="Group">Why it was chosen: Densest, Median, Random.</param>
/// <param name="Area">Where it lies.</param>
/// <param name="Picture">JPEG.</param>
/// <param name="Outlines">Nuclei, level-0 pixels.</param>
/// <param name="NucleiPerSquareMillimetre">Density in the crop.</param>
public sealed record ReportCrop(string Group, Level0Rect Area, byte[] Picture, IReadOnlyList<Polygon> Outlines, double NucleiPerSquareMillimetre);
