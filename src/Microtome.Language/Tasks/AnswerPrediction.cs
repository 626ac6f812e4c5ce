namespace Microtome.Language;

/// <summary>What is answered to a question.</summary>
/// <param name="Id">The question.</param>
/// <param name="Text">The answer; empty for none.</param>
/// <param name="Best">Possible answers, the best first; with version 2 no answer is among them.</param>
/// <param name="NullScore">The lowest score of no answer over the windows, less the score of the best answer: above the threshold none is given.</param>
public sealed record AnswerPrediction(string Id, string Text, IReadOnlyList<AnswerSpan> Best, double NullScore);
