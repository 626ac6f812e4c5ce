namespace Microtome.Imaging;

/// <summary>The size and form of one labelled object, in pixels of its raster, by the definitions of scikit-image's regionprops.</summary>
public readonly record struct ObjectMeasurements
{
    /// <summary>Number of pixels.</summary>
    public required int Area { get; init; }

    /// <summary>The mean position of the pixels, pixel edges at integers (scikit-image's centroid + 0.5).</summary>
    public required Vertex Centroid { get; init; }

    /// <summary>
    /// Estimated length of the outline, pixels: the ring of a traced polygon overestimates slanted edges by up to 41 %, so the border pixels are
    /// weighted by their neighbourhoods (Benkrid and Crookes, Design and FPGA Implementation of a Perimeter Estimator, 2000), as scikit-image does.
    /// </summary>
    public required double Perimeter { get; init; }

    /// <summary>Length of the long axis of the ellipse with the same second central moments, pixels.</summary>
    public required double MajorAxis { get; init; }

    /// <summary>Length of the short axis of that ellipse, pixels.</summary>
    public required double MinorAxis { get; init; }

    /// <summary>Eccentricity of that ellipse: 0 circle, towards 1 a line.</summary>
    public required double Eccentricity { get; init; }

    /// <summary>Angle of the long axis from the x axis, radians in (-pi/2, pi/2], y down; 0 for a disk.</summary>
    public required double Orientation { get; init; }

    /// <summary>Number of pixels whose centres lie inside the convex hull of the pixels' edge midpoints.</summary>
    public required int ConvexArea { get; init; }

    /// <summary>Area divided by <see cref="ConvexArea"/>: 1 for a convex object.</summary>
    public double Solidity => (double)Area / ConvexArea;

    /// <summary>4 pi area / perimeter^2, at most 1: 1 for a disk. Objects of one pixel have no perimeter and count as 1.</summary>
    public double Circularity => Perimeter <= 0 ? 1 : Math.Min(1, 4 * Math.PI * Area / (Perimeter * Perimeter));
}
