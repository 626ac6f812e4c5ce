using System.Text.Json.Serialization;

namespace Microtome.Pathology;

/// <summary>How plausible the nuclei of a slide are: numbers and distributions of one pass over nuclei.gpkg.</summary>
public sealed record NucleusQuality
{
    /// <summary>Number of nuclei.</summary>
    public required long Count { get; init; }

    /// <summary>Nuclei per mm2 of tissue; 0 without tissue.</summary>
    public required double PerMm2 { get; init; }

    /// <summary>Mean area, um2.</summary>
    public required double AreaMeanUm2 { get; init; }

    /// <summary>Nuclear area per tissue area. It stays when the pixel size is wrong.</summary>
    public required double CoveredFraction { get; init; }

    /// <summary>Share of the nuclei whose centre lies off the tissue (an outline that was edited afterwards, or none).</summary>
    public required double OutsideFraction { get; init; }

    /// <summary>Share of the nuclei whose centre lies in a border cell (8 um) of the tissue.</summary>
    public required double EdgeFraction { get; init; }

    /// <summary>Squares of 256 um that are tissue almost everywhere; 0 on very small tissue.</summary>
    public required int FullSquares { get; init; }

    /// <summary>Of these, the share without a single nucleus; null when there are none.</summary>
    public double? EmptySquareFraction { get; init; }

    /// <summary>Nuclei of the focus squares whose nearest neighbour was looked for.</summary>
    public required int Neighbours { get; init; }

    /// <summary>Of these, the share whose neighbour is no farther than the two radii together and 5 %; null when there are none.</summary>
    public double? TouchingFraction { get; init; }

    /// <summary>Binary logarithm of the area in um2: steps of 1/8, so that a factor is a shift.</summary>
    public QualityHistogram AreaLog2Um2 { get; init; } = QualityHistogram.Of(1, 0.125, 88);

    /// <summary>Binary logarithm of the distance of centres to the nearest neighbour, um.</summary>
    public QualityHistogram NeighbourLog2Um { get; init; } = QualityHistogram.Of(0, 0.125, 48);

    /// <summary>Mean optical density of haematoxylin of each nucleus.</summary>
    public QualityHistogram HaematoxylinMeanOd { get; init; } = QualityHistogram.Of(0, 0.025, 100);

    /// <summary>Mean probability of each nucleus.</summary>
    public QualityHistogram Probability { get; init; } = QualityHistogram.Of(0, 0.02, 50);

    /// <summary>Solidity of each nucleus.</summary>
    public QualityHistogram Solidity { get; init; } = QualityHistogram.Of(0.5, 0.01, 50);

    /// <summary>The median area, um2; NaN without nuclei.</summary>
    [JsonIgnore]
    public double AreaMedianUm2 => Math.Pow(2, AreaLog2Um2.Quantile(0.5));
}
