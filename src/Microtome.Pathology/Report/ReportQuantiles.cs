namespace Microtome.Pathology;

/// <summary>One measure over all nuclei.</summary>
/// <param name="Name">What is measured.</param>
/// <param name="Unit">Its unit; empty for a ratio.</param>
/// <param name="Values">Mean, 5th, 25th, 50th, 75th and 95th percentile.</param>
public sealed record ReportQuantiles(string Name, string Unit, IReadOnlyList<double> Values);
