using System.Text.Json;

namespace Microtome.Language;

/// <summary>Gives a word its tokens.</summary>
internal interface ITokenModel
{
    /// <summary>The tokens as the vocabulary writes them.</summary>
    Vocabulary Vocabulary { get; }

    /// <summary>The token that stands for the unknown, or null.</summary>
    string? Unknown { get; }

    /// <summary>Adds the tokens of a piece; their ranges are in the piece.</summary>
    void Tokenize(ReadOnlySpan<char> piece, TokenBuffer into);

    /// <summary>Writes itself as <c>tokenizer.json</c> does.</summary>
    void Write(Utf8JsonWriter json);
}
