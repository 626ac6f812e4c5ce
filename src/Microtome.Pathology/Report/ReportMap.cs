namespace Microtome.Pathology;

/// <summary>A map over the slide.</summary>
/// <param name="Title">What it shows.</param>
/// <param name="Overlay">SVG in level-0 pixels.</param>
/// <param name="Legend">SVG, 430 x 46.</param>
/// <param name="Caption">A line below it.</param>
public sealed record ReportMap(string Title, string Overlay, string Legend, string Caption);
