namespace Microtome.Server;

/// <summary>Nuclei of an area, by their centroids.</summary>
public sealed record NucleusStatistics
{
    /// <summary>Number of nuclei.</summary>
    public required int Count { get; init; }

    /// <summary>The area, mm2; null when the pixel size is not known.</summary>
    public double? AreaMm2 { get; init; }

    /// <summary>Nuclei per mm2; null when the pixel size is not known.</summary>
    public double? DensityPerMm2 { get; init; }

    /// <summary>Number of each class of the slide.</summary>
    public required IReadOnlyList<NucleusClassCount> Classes { get; init; }

    /// <summary>Mean and median of each measure; empty when there is no nucleus.</summary>
    public required IReadOnlyList<NucleusMeasure> Measures { get; init; }
}

/// <summary>Nuclei of a class.</summary>
/// <param name="Name">The class.</param>
/// <param name="Count">Number of nuclei.</param>
public sealed record NucleusClassCount(string Name, long Count);

/// <summary>A measure in an area.</summary>
/// <param name="Name">Its column, unit in the name.</param>
/// <param name="Mean">Mean of those that are known.</param>
/// <param name="Median">Median of those that are known (the lower of two).</param>
public sealed record NucleusMeasure(string Name, double Mean, double Median);
