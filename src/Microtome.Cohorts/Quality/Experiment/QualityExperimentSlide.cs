namespace Microtome.Cohorts;

/// <summary>A made slide after both levels of quality control.</summary>
/// <param name="Slide">Its name.</param>
/// <param name="Kind">What was done to it.</param>
/// <param name="Judgement">The verdict of the slide level, which knows nothing of it.</param>
/// <param name="Patches">Its patches against the truth, in the order in which they were sampled.</param>
public sealed record QualityExperimentSlide(string Slide, SpoilKind Kind, SlideJudgement Judgement, IReadOnlyList<PatchScore> Patches)
{
    /// <summary>Whether it was spoiled.</summary>
    public bool Spoiled => Kind != SpoilKind.None;
}
