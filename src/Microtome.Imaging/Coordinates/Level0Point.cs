namespace Microtome.Imaging;

/// <summary>A point of the slide in level-0 pixels: origin at the top left of the whole picture, pixel edges at integers.</summary>
/// <param name="X">Level-0 pixels from the left edge.</param>
/// <param name="Y">Level-0 pixels from the top edge.</param>
public readonly record struct Level0Point(double X, double Y);
