using Microtome.Imaging;

namespace Microtome.Pathology;

/// <summary>One nucleus of a slide: where it lies (level-0 pixels), its size (microns), its form and its colour.</summary>
public sealed record Nucleus
{
    /// <summary>The grid pixel that decides which tile owns it: its centroid rounded, a tie to the left and to the top.</summary>
    public required (long X, long Y) Anchor { get; init; }

    /// <summary>Mean position of its pixels, level-0 pixels.</summary>
    public required Level0Point Centroid { get; init; }

    /// <summary>Its outline, level-0 pixels: an open simple ring without holes.</summary>
    public required Polygon Polygon { get; init; }

    /// <summary>Number of grid pixels.</summary>
    public required int AreaPixels { get; init; }

    /// <summary>Area of its pixels, um2.</summary>
    public required double AreaUm2 { get; init; }

    /// <summary>Length of its outline, um.</summary>
    public required double PerimeterUm { get; init; }

    /// <summary>Long axis of the ellipse with the same second moments, um.</summary>
    public required double MajorAxisUm { get; init; }

    /// <summary>Short axis of that ellipse, um.</summary>
    public required double MinorAxisUm { get; init; }

    /// <summary>Eccentricity of that ellipse: 0 circle, towards 1 a line.</summary>
    public required double Eccentricity { get; init; }

    /// <summary>Area over the area of the convex hull.</summary>
    public required double Solidity { get; init; }

    /// <summary>4 pi area / perimeter^2, at most 1.</summary>
    public required double Circularity { get; init; }

    /// <summary>Mean optical density of haematoxylin.</summary>
    public required double HaematoxylinMean { get; init; }

    /// <summary>Mean optical density of eosin.</summary>
    public required double EosinMean { get; init; }

    /// <summary>Mean colour, 0..255.</summary>
    public required (double R, double G, double B) MeanRgb { get; init; }

    /// <summary>Mean foreground probability of its pixels, 0..1.</summary>
    public required double Probability { get; init; }

    /// <summary>Its class.</summary>
    public string Class { get; init; } = "Nucleus";
}
