namespace Microtome.Language;

/// <summary>An answer and its place.</summary>
/// <param name="Text">The words of the passage.</param>
/// <param name="Start">Where they begin, in UTF-16 units; -1 when they do not stand where the file says.</param>
public sealed record SquadAnswer(string Text, int Start);
