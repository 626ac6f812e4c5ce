using Microtome.Imaging;

namespace Microtome.Pathology;

/// <summary>What the nuclei of a slide are like, gathered in one pass over the file. Memory does not grow with their number.</summary>
public sealed class NucleusStatistics
{
    private NucleusStatistics(ISlide slide, PixelSize pixelSize) =>
        Density = new DensityMap(slide.Levels[0].Width, slide.Levels[0].Height, pixelSize);

    /// <summary>Number of nuclei.</summary>
    public long Count { get; private set; }

    /// <summary>Nuclei per square.</summary>
    public DensityMap Density { get; }

    /// <summary>Area, um2; bins of 0.25.</summary>
    public Histogram Area { get; } = new(0.25, 8000);

    /// <summary>Perimeter, um; bins of 0.1.</summary>
    public Histogram Perimeter { get; } = new(0.1, 4000);

    /// <summary>Eccentricity, 0 to 1; bins of 0.005.</summary>
    public Histogram Eccentricity { get; } = new(0.005, 201);

    /// <summary>Solidity, 0 to 1; bins of 0.005.</summary>
    public Histogram Solidity { get; } = new(0.005, 201);

    /// <summary>Mean optical density of haematoxylin; bins of 0.01.</summary>
    public Histogram Haematoxylin { get; } = new(0.01, 400);

    /// <summary>Mean optical density of eosin; bins of 0.01.</summary>
    public Histogram Eosin { get; } = new(0.01, 400);

    /// <summary>Mean foreground probability; bins of 0.005.</summary>
    public Histogram Probability { get; } = new(0.005, 201);

    /// <summary>Reads a GeoPackage of nuclei.</summary>
    public static NucleusStatistics Of(string geoPackage, ISlide slide, PixelSize pixelSize, CancellationToken cancellation)
    {
        var found = new NucleusStatistics(slide, pixelSize);
        foreach (var nucleus in NucleusGeoPackageReader.Read(geoPackage))
        {
            if ((++found.Count & 0xFFF) == 0)
                cancellation.ThrowIfCancellationRequested();
            found.Density.Add(nucleus.Centroid);
            found.Area.Add(nucleus.AreaUm2);
            found.Perimeter.Add(nucleus.PerimeterUm);
            found.Eccentricity.Add(nucleus.Eccentricity);
            found.Solidity.Add(nucleus.Solidity);
            found.Haematoxylin.Add(nucleus.HaematoxylinMean);
            found.Eosin.Add(nucleus.EosinMean);
            found.Probability.Add(nucleus.Probability);
        }

        return found;
    }
}
