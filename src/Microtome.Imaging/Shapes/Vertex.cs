namespace Microtome.Imaging;

/// <summary>A corner of a polygon. Pixel edges lie at integers: pixel (i, j) is the square [i, i + 1] x [j, j + 1].</summary>
/// <param name="X">Along the row, pixels of whatever raster or level the polygon belongs to.</param>
/// <param name="Y">Down the column, the same unit.</param>
public readonly record struct Vertex(double X, double Y);
