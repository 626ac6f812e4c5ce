namespace Microtome.Pathology;

/// <summary>The nuclei of a tile with the grid pixels of each.</summary>
/// <param name="Nuclei">The nuclei, by anchor.</param>
/// <param name="Runs">Their pixels: row, first column, column after the last; one list per nucleus.</param>
internal sealed record LabelledTile(Nucleus[] Nuclei, IReadOnlyList<(long Y, long From, long To)>[] Runs);
