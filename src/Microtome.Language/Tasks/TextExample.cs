namespace Microtome.Language;

/// <summary>A text or a pair with its answer.</summary>
/// <param name="First">The text, or the first one of a pair.</param>
/// <param name="Second">The second text of a pair, or null.</param>
/// <param name="Label">The number of its label, or -1 when it is not known or a score.</param>
/// <param name="Score">Its score; NaN when there is none.</param>
public sealed record TextExample(string First, string? Second, int Label, double Score = double.NaN);
