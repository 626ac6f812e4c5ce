namespace Microtome.Cohorts;

/// <summary>A patch of the queue: a row of crosswalk.csv.</summary>
public sealed record SampledPatch
{
    /// <summary>Its number, from 1; names its files.</summary>
    public required int Id { get; init; }

    /// <summary>The slide; a made-up name of its own where the table does not say.</summary>
    public required string Slide { get; init; }

    /// <summary>The patient.</summary>
    public required string Patient { get; init; }

    /// <summary>The cancer type; empty when not known.</summary>
    public required string Type { get; init; }

    /// <summary>Left edge, level-0 pixels.</summary>
    public long X { get; init; }

    /// <summary>Top edge, level-0 pixels.</summary>
    public long Y { get; init; }

    /// <summary>Width, level-0 pixels; not a whole number where the slide's pixels do not divide the patch.</summary>
    public double Width { get; init; }

    /// <summary>Height, level-0 pixels.</summary>
    public double Height { get; init; }

    /// <summary>um per pixel of the crop.</summary>
    public double Mpp { get; init; } = PatchSampleOptions.DefaultMpp;

    /// <summary>Density stratum, from 1 (fewest nuclei) on; 1 when not stratified.</summary>
    public int Stratum { get; init; } = 1;

    /// <summary>Which nuclei.gpkg the predicted mask shows: the first digits of its SHA-256; empty before there is one.</summary>
    public string Prediction { get; init; } = string.Empty;
}
