using System.Text.Json;

namespace Microtome.Language;

/// <summary>Cuts a text into the words that the model takes one by one.</summary>
internal interface ISplitter
{
    /// <summary>Adds the pieces of [from, to), from left to right.</summary>
    void Split(ReadOnlySpan<char> text, int from, int to, List<(int From, int To)> pieces);

    /// <summary>Writes itself as <c>tokenizer.json</c> does.</summary>
    void Write(Utf8JsonWriter json);
}
