namespace Microtome.Language;

/// <summary>A question about a passage.</summary>
/// <param name="Id">Its id in the file.</param>
/// <param name="Question">The question.</param>
/// <param name="Context">The passage.</param>
/// <param name="Answers">The answers that people gave, with their places in the passage (UTF-16 units); none when it cannot be answered.</param>
/// <param name="IsImpossible">Whether the passage does not answer it (version 2).</param>
public sealed record SquadQuestion(string Id, string Question, string Context, IReadOnlyList<SquadAnswer> Answers, bool IsImpossible);
