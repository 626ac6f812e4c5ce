namespace Microtome.Pathology;

/// <summary>One Cox model of a study.</summary>
/// <param name="Name">What it is for.</param>
/// <param name="Fit">The fit; null when the cohort does not allow it.</param>
/// <param name="Problem">Why there is no fit.</param>
public sealed record SurvivalModel(string Name, CoxRegression? Fit, string? Problem);
