namespace Microtome.Pathology;

/// <summary>The numbers of a nucleus by the names that they have in every output, units in the names.</summary>
public static class NucleusColumns
{
    /// <summary>Names and values in the order of the outputs. Stain amounts are optical densities.</summary>
    public static IReadOnlyList<(string Name, Func<Nucleus, double> Value)> All { get; } =
    [
        ("area_um2", n => n.AreaUm2),
        ("perimeter_um", n => n.PerimeterUm),
        ("major_axis_um", n => n.MajorAxisUm),
        ("minor_axis_um", n => n.MinorAxisUm),
        ("eccentricity", n => n.Eccentricity),
        ("solidity", n => n.Solidity),
        ("circularity", n => n.Circularity),
        ("haematoxylin_mean_od", n => n.HaematoxylinMean),
        ("eosin_mean_od", n => n.EosinMean),
        ("red_mean", n => n.MeanRgb.R),
        ("green_mean", n => n.MeanRgb.G),
        ("blue_mean", n => n.MeanRgb.B),
        ("probability", n => n.Probability),
        ("centroid_x_px", n => n.Centroid.X),
        ("centroid_y_px", n => n.Centroid.Y),
    ];
}
