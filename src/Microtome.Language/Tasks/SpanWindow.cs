namespace Microtome.Language;

/// <summary>A question with a part of its passage that a model can hold.</summary>
/// <param name="Question">The number of the question.</param>
/// <param name="Ids">Token ids: the question, then the part of the passage.</param>
/// <param name="Types">0 for the question, 1 for the passage, as the tokenizer's template says.</param>
/// <param name="Starts">Where each token of the passage begins in it, in UTF-16 units; -1 for other tokens.</param>
/// <param name="Ends">Where each token of the passage ends; -1 for other tokens.</param>
/// <param name="HasMostContext">Whether no other window shows a token of the passage with more around it.</param>
/// <param name="AnswerStart">The token with which the first answer begins; 0 when it is not in this part.</param>
/// <param name="AnswerEnd">The token with which it ends; 0 when it is not in this part.</param>
public sealed record SpanWindow(int Question, int[] Ids, int[] Types, int[] Starts, int[] Ends, bool[] HasMostContext, int AnswerStart, int AnswerEnd);
