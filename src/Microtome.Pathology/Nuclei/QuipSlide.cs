namespace Microtome.Pathology;

/// <summary>What the QuIP files say about a slide and its analysis (Hou et al. 2020; section 6.2 of the nuclei method page).</summary>
public sealed record QuipSlide
{
    /// <summary>Width of level 0, pixels.</summary>
    public required long Width { get; init; }

    /// <summary>Height of level 0, pixels.</summary>
    public required long Height { get; init; }

    /// <summary>Microns per level-0 pixel.</summary>
    public required double Mpp { get; init; }

    /// <summary>The slide, usually its file name without extension.</summary>
    public required string CaseId { get; init; }

    /// <summary>The patient.</summary>
    public string SubjectId { get; init; } = string.Empty;

    /// <summary>The program or network.</summary>
    public string AnalysisId { get; init; } = "microtome_nuclei";

    /// <summary>When the analysis ran, <c>YYYY-MM-DD_HH:MM:SS</c>; fixed by default so that equal results are equal files.</summary>
    public string ExecutionDate { get; init; } = "1970-01-01_00:00:00";

    /// <summary>Version of the program.</summary>
    public string Version { get; init; } = string.Empty;

    /// <summary>The network's weights.</summary>
    public string ModelPath { get; init; } = string.Empty;

    /// <summary>SHA-256 of the weights.</summary>
    public string ModelHash { get; init; } = string.Empty;

    /// <summary>Scale to the 40x frame: 1 below 0.375 um per pixel, else 2.</summary>
    public int Scale => Mpp < 0.375 ? 1 : 2;
}
