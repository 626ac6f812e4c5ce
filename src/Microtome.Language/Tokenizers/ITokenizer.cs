namespace Microtome.Language;

/// <summary>Turns text into token ids and back. Safe to use from several threads.</summary>
public interface ITokenizer
{
    /// <summary>One more than the largest id: the rows that an embedding needs.</summary>
    int VocabularySize { get; }

    /// <summary>The tokens with a role.</summary>
    SpecialTokens Special { get; }

    /// <summary>SHA-256 (lower-case hexadecimal) of everything that decides which ids a text gets.</summary>
    string Fingerprint { get; }

    /// <summary>The ids of a text with their places in it.</summary>
    /// <param name="text">Any text; a lone surrogate counts as U+FFFD.</param>
    /// <param name="addSpecial">Add the tokens that the model expects around a text ([CLS] and [SEP], a beginning of sequence).</param>
    TokenSequence Encode(string text, bool addSpecial = false);

    /// <summary>The ids of two texts in one sequence, as the model expects pairs; types tell the two apart.</summary>
    /// <param name="text">The first text.</param>
    /// <param name="pair">The second text.</param>
    /// <param name="addSpecial">Add the tokens around and between them.</param>
    TokenSequence EncodePair(string text, string pair, bool addSpecial = true);

    /// <summary>The text of some ids. Bytes that are no UTF-8 become U+FFFD.</summary>
    /// <exception cref="TextException">An id is outside the vocabulary.</exception>
    string Decode(ReadOnlySpan<int> ids, bool skipSpecial = false);

    /// <summary>Decodes ids as they come, holding back what is not yet a whole character.</summary>
    StreamingDecoder CreateDecoder(bool skipSpecial = false);

    /// <summary>The token of an id as the vocabulary writes it, or null for an id that no token has.</summary>
    string? Token(int id);

    /// <summary>The id of a token as the vocabulary writes it, or null.</summary>
    int? Id(string token);

    /// <summary>Whether a token is marked as special: it carries no text and is never masked.</summary>
    bool IsSpecial(int id);

    /// <summary>
    /// Whether a token begins a word, judged by itself: for WordPiece one without ##, for byte-level BPE one that begins with white space, punctuation or a symbol, for metaspace
    /// vocabularies one that begins with the mark of a space. The tokens from one beginning to the next are masked together.
    /// </summary>
    bool IsWordStart(int id);
}
