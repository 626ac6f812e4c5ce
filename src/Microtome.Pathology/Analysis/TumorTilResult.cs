namespace Microtome.Pathology;

/// <summary>Tumor and lymphocytes of a slide together.</summary>
/// <param name="Map">The combined map; null when either has no patch.</param>
/// <param name="Statistics">The published figures; null when either has no patch.</param>
internal sealed record TumorTilResult(CombinedMap? Map, TilStatistics? Statistics);
