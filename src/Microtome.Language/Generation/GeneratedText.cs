namespace Microtome.Language;

/// <summary>An answer.</summary>
/// <param name="Text">The text, without the prompt and without what stopped it.</param>
/// <param name="PromptTokens">Tokens of the prompt.</param>
/// <param name="Tokens">Tokens of the answer, one that ended it included.</param>
/// <param name="Stopped">It ended by itself or at a stop string; otherwise it reached its most tokens or the end of the context.</param>
public sealed record GeneratedText(string Text, int PromptTokens, int Tokens, bool Stopped);
