namespace Microtome.Language;

/// <summary>SQuAD's scores in percent.</summary>
/// <param name="ExactMatch">Answers that are equal to one of people's.</param>
/// <param name="F1">Mean F1 of words.</param>
/// <param name="AnswerableExactMatch">The same of questions that can be answered; null without any.</param>
/// <param name="AnswerableF1">The same of questions that can be answered; null without any.</param>
/// <param name="Impossible">Questions that cannot be answered and were not; null without any.</param>
/// <param name="Questions">How many.</param>
/// <param name="Missing">How many had no prediction.</param>
public sealed record SquadScores(double ExactMatch, double F1, double? AnswerableExactMatch, double? AnswerableF1, double? Impossible, int Questions, int Missing);
