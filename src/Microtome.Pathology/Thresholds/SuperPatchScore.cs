namespace Microtome.Pathology;

/// <summary>A super-patch that raters have scored.</summary>
/// <param name="Slide">The slide, or the file's name in the exported table; the unit of the intervals.</param>
/// <param name="Group">The type of cancer, or empty.</param>
/// <param name="Column">Its first column on the map's grid; null where the count stands in the table.</param>
/// <param name="Row">Its first row.</param>
/// <param name="Count">Positive patches as the table says; null where maps say it.</param>
/// <param name="Label">The raters' label, 1 to 3; null without a valid score.</param>
/// <param name="Line">Its line, for messages.</param>
public sealed record SuperPatchScore(string Slide, string Group, int? Column, int? Row, int? Count, int? Label, int Line);
