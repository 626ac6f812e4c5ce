namespace Microtome.Language;

/// <summary>A loss or gradient that is no number any more.</summary>
public sealed class DivergedException(string message) : Exception(message);
