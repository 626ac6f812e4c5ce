namespace Microtome.Pathology;

/// <summary>What is known of one tumor class of a slide.</summary>
/// <param name="Name">The class.</param>
/// <param name="Patches">Patches called so.</param>
/// <param name="Share">Share of all tumor patches, 0 to 1.</param>
/// <param name="OverlapCells">Fine cells of it that lymphocytes infiltrate.</param>
/// <param name="PercentPositive">Share of its cells that lymphocytes infiltrate, 0 to 1; null without patches.</param>
public sealed record TumorSubtype(string Name, int Patches, double Share, double OverlapCells, double? PercentPositive);
