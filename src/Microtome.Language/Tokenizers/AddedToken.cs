namespace Microtome.Language;

/// <summary>A token that is looked for in the text as it stands, before words are cut.</summary>
/// <param name="Content">Its text.</param>
/// <param name="Id">Its id.</param>
/// <param name="Special">It has a role and carries no text.</param>
/// <param name="SingleWord">Only where no letter or digit touches it.</param>
/// <param name="TakesLeft">White space to its left belongs to it.</param>
/// <param name="TakesRight">White space to its right belongs to it.</param>
/// <param name="Normalized">It is looked for in the normalised text.</param>
internal sealed record AddedToken(string Content, int Id, bool Special = true, bool SingleWord = false, bool TakesLeft = false, bool TakesRight = false, bool Normalized = false);
