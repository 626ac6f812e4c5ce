namespace Microtome.Pathology;

/// <summary>Whether a factor goes with the groups and with the score.</summary>
/// <param name="Name">The factor.</param>
/// <param name="Groups">Chi-square of factor against groups.</param>
/// <param name="Ranks">Kruskal-Wallis of the score over the levels (Wilcoxon with two).</param>
/// <param name="Means">Analysis of variance of the score over the levels.</param>
public sealed record SurvivalFactor(string Name, TestResult? Groups, TestResult? Ranks, TestResult? Means);
