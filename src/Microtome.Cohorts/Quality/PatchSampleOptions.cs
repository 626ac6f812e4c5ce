namespace Microtome.Cohorts;

/// <summary>How patches are sampled.</summary>
public sealed record PatchSampleOptions
{
    /// <summary>um per pixel of the published patches.</summary>
    public const double DefaultMpp = 0.25;

    /// <summary>Patches of each type. Default 20.</summary>
    public int PerType { get; init; } = 20;

    /// <summary>Most patches of one slide. Default 10.</summary>
    public int MostPerSlide { get; init; } = 10;

    /// <summary>Seed. Default 0.</summary>
    public long Seed { get; init; }

    /// <summary>Side of a patch, pixels. Default 400.</summary>
    public int SidePixels { get; init; } = 400;

    /// <summary>um per pixel. Default 0.25.</summary>
    public double Mpp { get; init; } = DefaultMpp;

    /// <summary>Strata of nuclear density within a slide, from which patches are taken in turn. Default 1: none.</summary>
    public int Strata { get; init; } = 1;

    /// <summary>Slides (by name) or patients whose labels trained the network or chose its settings: their patients are left out.</summary>
    public IReadOnlyCollection<string> Excluded { get; init; } = [];
}
