namespace Microtome.Pathology;

/// <summary>A stretch of one axis over which neither map changes.</summary>
/// <param name="Start">Where it begins, in fine cells from the tumor map's origin.</param>
/// <param name="Length">Length in fine cells.</param>
/// <param name="Tumor">The tumor map's cell, or -1 outside of it.</param>
/// <param name="Til">The lymphocyte map's cell, or -1 outside of it.</param>
public readonly record struct AlignedSegment(double Start, double Length, int Tumor, int Til);
