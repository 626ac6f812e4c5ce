using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Microtome.Language;

/// <summary>
/// The bytes that each token adds to a text. Every published decoder is of this form: what a token adds depends on the token and on whether it is the first; characters may begin in one token and end
/// in another, so that bytes are put together first and read as UTF-8 then.
/// </summary>
internal sealed class TokenSurfaces
{
    private readonly Func<int, string> token;
    private readonly IReadOnlyList<DecodingStep> steps;
    private readonly byte[]?[] inner;
    private readonly byte[]?[] leading;

    /// <summary>Makes the table.</summary>
    /// <param name="token">The token of an id; it throws for ids outside the vocabulary.</param>
    /// <param name="size">One more than the largest id.</param>
    /// <param name="steps">What a decoder does, in order.</param>
    public TokenSurfaces(Func<int, string> token, int size, IReadOnlyList<DecodingStep> steps)
    {
        this.token = token;
        this.steps = steps;
        inner = new byte[]?[size];
        leading = new byte[]?[size];
    }

    /// <summary>The bytes of a token.</summary>
    /// <exception cref="TextException">The id is outside the vocabulary.</exception>
    public ReadOnlySpan<byte> Bytes(int id, bool first)
    {
        var name = token(id);
        var table = first ? leading : inner;
        return table[id] ??= Make(name, first);
    }

    public void Write(Utf8JsonWriter json)
    {
        if (steps.Count == 0)
        {
            json.WriteNull("decoder");
            return;
        }

        json.WritePropertyName("decoder");
        if (steps.Count == 1)
        {
            steps[0].Write(json);
            return;
        }

        json.WriteStartObject();
        json.WriteString("type", "Sequence");
        json.WriteStartArray("decoders");
        foreach (var step in steps)
            step.Write(json);
        json.WriteEndArray();
        json.WriteEndObject();
    }

    private byte[] Make(string text, bool first)
    {
        byte[]? bytes = null;
        // Without a decoder tokens are parted by spaces.
        if (steps.Count == 0 && !first)
            text = " " + text;
        foreach (var step in steps)
        {
            switch (step.Kind)
            {
                case DecodingKind.ByteLevel:
                    bytes ??= ByteAlphabet.BytesOf(text);
                    break;
                case DecodingKind.ByteFallback:
                    if (text.Length == 6 && text.StartsWith("<0x", StringComparison.Ordinal) && text[5] == '>' && byte.TryParse(text.AsSpan(3, 2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var value))
                        bytes ??= [value];
                    break;
                case DecodingKind.WordPiece:
                    text = first ? text : text.StartsWith(step.From, StringComparison.Ordinal) ? text[step.From.Length..] : " " + text;
                    if (step.CleansUp)
                        text = CleanUp(text);
                    break;
                case DecodingKind.Replace:
                    text = text.Replace(step.From, step.To, StringComparison.Ordinal);
                    break;
                case DecodingKind.Metaspace:
                    text = text.Replace(step.From, " ", StringComparison.Ordinal);
                    if (first && step.CleansUp && text.StartsWith(' '))
                        text = text[1..];
                    break;
                case DecodingKind.Strip:
                    for (var i = 0; first && i < step.Count && text.StartsWith(step.From, StringComparison.Ordinal); i++)
                        text = text[step.From.Length..];
                    break;
                default:
                    break;
            }
        }

        return bytes ?? Encoding.UTF8.GetBytes(text);
    }

    // The spaces that English has not, as Hugging Face takes them out.
    private static string CleanUp(string text) => text.Replace(" .", ".", StringComparison.Ordinal).Replace(" ?", "?", StringComparison.Ordinal).Replace(" !", "!", StringComparison.Ordinal)
        .Replace(" ,", ",", StringComparison.Ordinal).Replace(" ' ", "'", StringComparison.Ordinal).Replace(" n't", "n't", StringComparison.Ordinal).Replace(" 'm", "'m", StringComparison.Ordinal)
        .Replace(" do not", " don't", StringComparison.Ordinal).Replace(" 's", "'s", StringComparison.Ordinal).Replace(" 've", "'ve", StringComparison.Ordinal).Replace(" 're", "'re", StringComparison.Ordinal);
}
