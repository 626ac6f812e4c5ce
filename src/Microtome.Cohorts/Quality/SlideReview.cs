namespace Microtome.Cohorts;

/// <summary>The verdict on a slide that counts: a person's, or, until one has looked, the suggestion.</summary>
/// <param name="Slide">The slide.</param>
/// <param name="Verdict">The verdict that counts; null when nothing is known (no measurements).</param>
/// <param name="Reviewer">Who gave it; <see cref="QualityTable.Automatic"/> for a suggestion.</param>
/// <param name="At">When a person gave it, UTC.</param>
/// <param name="Reasons">The reasons, in words.</param>
/// <param name="Suggestion">What the measurements suggest, or null without any.</param>
public sealed record SlideReview(CohortSlide Slide, SlideVerdict? Verdict, string Reviewer, DateTimeOffset? At, IReadOnlyList<string> Reasons, SlideJudgement? Suggestion)
{
    /// <summary>Whether the slide is left out of exports and reports.</summary>
    public bool Rejected => Verdict == SlideVerdict.Bad;
}
