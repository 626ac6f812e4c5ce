using Microtome.Imaging;

namespace Microtome.Pathology;

/// <summary>Everything that a report shows. It holds no clock times, so that equal results give equal pages; timings are in provenance.json.</summary>
public sealed record ReportContent
{
    /// <summary>Name of the slide.</summary>
    public required string Title { get; init; }

    /// <summary>One line under it: format, size in pixels and mm, pixel size.</summary>
    public required string Subtitle { get; init; }

    /// <summary>The big numbers.</summary>
    public required IReadOnlyList<ReportFigure> Figures { get; init; }

    /// <summary>What a reader should know before believing the numbers.</summary>
    public IReadOnlyList<string> Warnings { get; init; } = [];

    /// <summary>Width of the slide, level-0 pixels.</summary>
    public required long Width { get; init; }

    /// <summary>Height of the slide, level-0 pixels.</summary>
    public required long Height { get; init; }

    /// <summary>Size of a level-0 pixel.</summary>
    public required PixelSize PixelSize { get; init; }

    /// <summary>The slide, JPEG.</summary>
    public required byte[] Thumbnail { get; init; }

    /// <summary>Tissue outline, level-0 pixels.</summary>
    public required IReadOnlyList<Polygon> Tissue { get; init; }

    /// <summary>Nuclei per square, or null when nuclei were not looked for.</summary>
    public DensityMap? Density { get; init; }

    /// <summary>Maps of patches.</summary>
    public IReadOnlyList<ReportMap> Maps { get; init; } = [];

    /// <summary>Distributions.</summary>
    public IReadOnlyList<ReportDistribution> Distributions { get; init; } = [];

    /// <summary>Pictures of places.</summary>
    public IReadOnlyList<ReportCrop> Crops { get; init; } = [];

    /// <summary>Single numbers: name, value, unit.</summary>
    public IReadOnlyList<ReportFigure> Numbers { get; init; } = [];

    /// <summary>Mean and quantiles of what was measured on every nucleus.</summary>
    public IReadOnlyList<ReportQuantiles> Quantiles { get; init; } = [];

    /// <summary>How it was made: name and value.</summary>
    public IReadOnlyList<(string Name, string Value)> Provenance { get; init; } = [];
}
