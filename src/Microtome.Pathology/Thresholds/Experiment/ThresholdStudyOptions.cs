namespace Microtome.Pathology;

/// <summary>The size of the experiment on learning from thresholds (til-thresholds, section 10).</summary>
internal sealed record ThresholdStudyOptions
{
    /// <summary>Types; the first is what the old system was trained on, the first three have labels by hand.</summary>
    public const int Types = 8;

    /// <summary>Types with labels by hand; tested are the others.</summary>
    public const int Labelled = 3;

    /// <summary>Groups of slides that a person sets one threshold for, per type.</summary>
    public const int Groups = 7;

    /// <summary>Slides that the person looks at in a group.</summary>
    public const int SlidesOfGroup = 8;

    /// <summary>Slides per type to learn from.</summary>
    public int Slides { get; init; } = 60;

    /// <summary>Slides per type to test on.</summary>
    public int TestSlides { get; init; } = 60;

    /// <summary>Labelled patches with which a threshold is set on a slide.</summary>
    public int Judged { get; init; } = 60;

    /// <summary>Patches that are taken from a slide by its map.</summary>
    public int PerSlide { get; init; } = 20;

    /// <summary>Patches by hand of the first type.</summary>
    public int ManualFirst { get; init; } = 2000;

    /// <summary>Patches by hand of the two others.</summary>
    public int ManualOther { get; init; } = 300;

    /// <summary>Validation patches, of the first type.</summary>
    public int Validation { get; init; } = 1000;

    /// <summary>Super-patches that are scored, per tested type.</summary>
    public int SuperPatches { get; init; } = 16;

    /// <summary>Standard deviations of what a person sets wrong, log-odds.</summary>
    public double[] Sigmas { get; init; } = [0, 0.5, 1, 1.5];
}
