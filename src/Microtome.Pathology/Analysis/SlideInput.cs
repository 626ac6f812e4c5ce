namespace Microtome.Pathology;

/// <summary>A slide to analyse.</summary>
/// <param name="Path">Its path or <c>synthetic:</c> address.</param>
/// <param name="Mpp">The pixel size that the user gave, um per pixel, or null.</param>
public sealed record SlideInput(string Path, double? Mpp = null);
