namespace Microtome.Pathology;

/// <summary>A number with its unit.</summary>
/// <param name="Name">What it is.</param>
/// <param name="Value">The number, formatted.</param>
/// <param name="Unit">Its unit; empty for a count.</param>
/// <param name="Note">A line below it, or null.</param>
public sealed record ReportFigure(string Name, string Value, string Unit, string? Note = null);
