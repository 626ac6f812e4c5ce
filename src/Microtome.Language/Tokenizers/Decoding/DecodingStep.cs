using System.Text.Json;

namespace Microtome.Language;

/// <summary>What a step of decoding does.</summary>
internal enum DecodingKind
{
    /// <summary>Letters stand for bytes.</summary>
    ByteLevel,

    /// <summary><c>&lt;0xE4&gt;</c> stands for a byte.</summary>
    ByteFallback,

    /// <summary>Words are parted by spaces, tokens with a prefix go on with the word.</summary>
    WordPiece,

    /// <summary>A text is replaced in every token.</summary>
    Replace,

    /// <summary>A mark stands for a space; the first of the text falls away.</summary>
    Metaspace,

    /// <summary>Takes away what begins the whole text.</summary>
    Strip,

    /// <summary>Nothing here: tokens are one text anyway.</summary>
    Fuse,
}

/// <summary>A step of decoding.</summary>
/// <param name="Kind">What it does.</param>
/// <param name="From">The prefix, the text to replace or the mark.</param>
/// <param name="To">The replacement.</param>
/// <param name="CleansUp">WordPiece: takes out spaces before marks. Metaspace: the first mark falls away.</param>
/// <param name="Count">How often to strip.</param>
internal sealed record DecodingStep(DecodingKind Kind, string From = "", string To = "", bool CleansUp = false, int Count = 0)
{
    public void Write(Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.WriteString("type", Kind.ToString());
        switch (Kind)
        {
            case DecodingKind.ByteLevel:
                json.WriteBoolean("add_prefix_space", true);
                json.WriteBoolean("trim_offsets", true);
                json.WriteBoolean("use_regex", true);
                break;
            case DecodingKind.WordPiece:
                json.WriteString("prefix", From);
                json.WriteBoolean("cleanup", CleansUp);
                break;
            case DecodingKind.Replace:
                json.WriteStartObject("pattern");
                json.WriteString("String", From);
                json.WriteEndObject();
                json.WriteString("content", To);
                break;
            case DecodingKind.Metaspace:
                json.WriteString("replacement", From);
                json.WriteString("prepend_scheme", CleansUp ? "always" : "never");
                json.WriteBoolean("split", true);
                break;
            case DecodingKind.Strip:
                json.WriteString("content", From);
                json.WriteNumber("start", Count);
                json.WriteNumber("stop", 0);
                break;
            default:
                break;
        }

        json.WriteEndObject();
    }
}
