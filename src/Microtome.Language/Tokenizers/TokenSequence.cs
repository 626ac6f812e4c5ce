namespace Microtome.Language;

/// <summary>The tokens of a text.</summary>
/// <param name="Ids">The ids.</param>
/// <param name="Starts">Where each token begins in its text, in UTF-16 code units; 0 for tokens that were added.</param>
/// <param name="Ends">Where each token ends; equal to the start for tokens that were added. A token that is part of a character's bytes has the whole character.</param>
/// <param name="Types">0 for the first text and 1 for the second one of a pair, as the model's template says.</param>
/// <param name="Sequences">Which text a token is from: 0, 1, or -1 for tokens that were added.</param>
public sealed record TokenSequence(int[] Ids, int[] Starts, int[] Ends, int[] Types, int[] Sequences)
{
    /// <summary>How many tokens.</summary>
    public int Count => Ids.Length;
}
