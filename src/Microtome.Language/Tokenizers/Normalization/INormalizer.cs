using System.Text.Json;

namespace Microtome.Language;

/// <summary>Changes a text before it is cut into words.</summary>
internal interface INormalizer
{
    AlignedText Apply(AlignedText text);

    /// <summary>Writes itself as <c>tokenizer.json</c> does.</summary>
    void Write(Utf8JsonWriter json);
}
