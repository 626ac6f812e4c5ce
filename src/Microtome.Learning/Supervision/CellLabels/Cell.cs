namespace Microtome.Learning.Supervision.CellLabels;

/// <summary>A marked cell.</summary>
/// <param name="X">Centre along x, pixels of the field; the left edge of the field is 0.</param>
/// <param name="Y">Centre along y, pixels of the field.</param>
/// <param name="Kind">Its kind, from 1 on.</param>
public readonly record struct Cell(float X, float Y, int Kind);
