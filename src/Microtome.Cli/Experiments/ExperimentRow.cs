namespace Microtome.Cli;

/// <summary>One line of an experiment's table.</summary>
/// <param name="Name">What was done.</param>
/// <param name="Values">A mean and the half width of its interval for each column; a mean that is not a number where a column does not apply.</param>
internal sealed record ExperimentRow(string Name, IReadOnlyList<(double Mean, double HalfWidth)> Values);
