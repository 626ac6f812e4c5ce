namespace Microtome.Cohorts;

/// <summary>What the measurements of a slide say next to those of its cohort: a suggestion, which a person may overrule.</summary>
public sealed record SlideJudgement
{
    /// <summary>The slide.</summary>
    public required CohortSlide Slide { get; init; }

    /// <summary>The suggested verdict.</summary>
    public required SlideVerdict Verdict { get; init; }

    /// <summary>The largest severity of the findings and of what stays below a finding: slides can be ranked by it, worst first. 1 = just bad.</summary>
    public required double Score { get; init; }

    /// <summary>The slides that it was compared with: a type, "all" for the whole cohort, or empty when there are too few for any comparison.</summary>
    public required string Reference { get; init; }

    /// <summary>How many slides the comparison rests on.</summary>
    public required int ReferenceSlides { get; init; }

    /// <summary>The reasons, worst first.</summary>
    public required IReadOnlyList<QualityFinding> Findings { get; init; }

    /// <summary>The causes, worst first, each once.</summary>
    public IReadOnlyList<QualityCause> Causes => [.. Findings.Select(static f => f.Cause).Distinct()];
}
