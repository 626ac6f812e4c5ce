namespace Microtome.Cohorts;

/// <summary>How a cohort is exported.</summary>
public sealed record ExportOptions
{
    /// <summary>The folder to write.</summary>
    public required string Output { get; init; }

    /// <summary>What to write.</summary>
    public ExportFormats Formats { get; init; } = ExportFormats.Quip;

    /// <summary>Whether rejected slides are written, too.</summary>
    public bool WithRejected { get; init; }

    /// <summary>Only slides of this type; null for all.</summary>
    public string? Type { get; init; }

    /// <summary>Whether the polygon files of a slide are packed, one <c>.tar.gz</c> a slide as published.</summary>
    public bool Tar { get; init; }

    /// <summary>Slides at a time.</summary>
    public int Threads { get; init; } = Environment.ProcessorCount;
}
