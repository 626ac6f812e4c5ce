namespace Microtome.Cohorts;

/// <summary>One reason for a verdict.</summary>
/// <param name="Cause">What is wrong.</param>
/// <param name="Verdict">What it alone makes of the slide.</param>
/// <param name="Measure">The name of the number as in quality.json, or of a comparison.</param>
/// <param name="Value">The number of this slide.</param>
/// <param name="Expected">The median of the slides that it was compared with, or the limit.</param>
/// <param name="Severity">1 = just bad; larger is worse.</param>
/// <param name="Text">The reason in words, with numbers.</param>
public sealed record QualityFinding(QualityCause Cause, SlideVerdict Verdict, string Measure, double Value, double Expected, double Severity, string Text);
