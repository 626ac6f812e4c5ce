namespace Microtome.Cohorts;

/// <summary>What the manifest says of one slide.</summary>
public sealed record ExportedSlide
{
    /// <summary>The slide.</summary>
    public required string Slide { get; init; }

    /// <summary>Its cancer type; empty where nobody said.</summary>
    public required string Type { get; init; }

    /// <summary>Its patient.</summary>
    public required string Patient { get; init; }

    /// <summary>Nuclei written.</summary>
    public required long Nuclei { get; init; }

    /// <summary>Tissue, mm2.</summary>
    public required double TissueAreaMm2 { get; init; }

    /// <summary>The verdict that counted, or null when nothing was known.</summary>
    public string? Verdict { get; init; }

    /// <summary>Who gave it.</summary>
    public string? Reviewer { get; init; }

    /// <summary>SHA-256 of the GeoPackage that everything was made from.</summary>
    public required string SourceSha256 { get; init; }

    /// <summary>The formats.</summary>
    public required IReadOnlyList<string> Formats { get; init; }

    /// <summary>The files, paths from the manifest's folder.</summary>
    public required IReadOnlyList<ExportedFile> Files { get; init; }
}

/// <summary>A written file.</summary>
/// <param name="Path">From the manifest's folder, with slashes.</param>
/// <param name="Bytes">Its size.</param>
/// <param name="Sha256">Its hash, lower-case hexadecimal.</param>
public sealed record ExportedFile(string Path, long Bytes, string Sha256);
