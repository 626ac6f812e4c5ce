namespace Microtome.Language;

/// <summary>A possible answer.</summary>
/// <param name="Text">The words of the passage; empty for no answer.</param>
/// <param name="Start">Where they begin in the passage, in UTF-16 units; -1 for no answer.</param>
/// <param name="Score">The sum of the scores of its start and its end.</param>
/// <param name="Probability">The softmax of the scores of all that are kept.</param>
public sealed record AnswerSpan(string Text, int Start, double Score, double Probability);
