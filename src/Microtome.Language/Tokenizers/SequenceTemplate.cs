using System.Text.Json;

namespace Microtome.Language;

/// <summary>What stands around one text or two: added tokens and the texts with their types (<c>TemplateProcessing</c>).</summary>
internal sealed class SequenceTemplate
{
    /// <summary>The texts alone, of types 0 and 1.</summary>
    public static SequenceTemplate Plain { get; } = new([new Part(0, null, 0)], [new Part(0, null, 0), new Part(1, null, 1)]);

    /// <summary>Makes a template.</summary>
    public SequenceTemplate(IReadOnlyList<Part> single, IReadOnlyList<Part> pair)
    {
        Single = single;
        Pair = pair;
    }

    /// <summary>For one text.</summary>
    public IReadOnlyList<Part> Single { get; }

    /// <summary>For two.</summary>
    public IReadOnlyList<Part> Pair { get; }

    /// <summary>The white space at the ends of tokens does not belong to their ranges.</summary>
    public bool TrimsRanges { get; init; }

    /// <summary>With <see cref="TrimsRanges"/>: a space was put in front of the text.</summary>
    public bool HasPrefixSpace { get; init; } = true;

    /// <summary>BERT's: [CLS] a [SEP] b [SEP], the second text and its end of type 1.</summary>
    public static SequenceTemplate Bert(string cls, string sep) => new(
        [new Part(-1, cls, 0), new Part(0, null, 0), new Part(-1, sep, 0)],
        [new Part(-1, cls, 0), new Part(0, null, 0), new Part(-1, sep, 0), new Part(1, null, 1), new Part(-1, sep, 1)]);

    /// <summary>RoBERTa's: &lt;s&gt; a &lt;/s&gt;&lt;/s&gt; b &lt;/s&gt;, all of type 0.</summary>
    public static SequenceTemplate Roberta(string cls, string sep) => new(
        [new Part(-1, cls, 0), new Part(0, null, 0), new Part(-1, sep, 0)],
        [new Part(-1, cls, 0), new Part(0, null, 0), new Part(-1, sep, 0), new Part(-1, sep, 0), new Part(1, null, 0), new Part(-1, sep, 0)]);

    /// <summary>Writes itself as <c>tokenizer.json</c> does.</summary>
    public void Write(Utf8JsonWriter json, Func<string, int?> id)
    {
        json.WritePropertyName("post_processor");
        var plain = ReferenceEquals(Single, Plain.Single);
        if (plain && !TrimsRanges)
        {
            json.WriteNullValue();
            return;
        }

        if (plain)
        {
            WriteByteLevel(json);
            return;
        }

        if (TrimsRanges)
        {
            json.WriteStartObject();
            json.WriteString("type", "Sequence");
            json.WriteStartArray("processors");
            WriteByteLevel(json);
        }

        json.WriteStartObject();
        json.WriteString("type", "TemplateProcessing");
        WriteParts(json, "single", Single);
        WriteParts(json, "pair", Pair);
        json.WriteStartObject("special_tokens");
        foreach (var token in Single.Concat(Pair).Select(static p => p.Token).OfType<string>().Distinct(StringComparer.Ordinal))
        {
            json.WriteStartObject(token);
            json.WriteString("id", token);
            json.WriteStartArray("ids");
            json.WriteNumberValue(id(token) ?? 0);
            json.WriteEndArray();
            json.WriteStartArray("tokens");
            json.WriteStringValue(token);
            json.WriteEndArray();
            json.WriteEndObject();
        }

        json.WriteEndObject();
        json.WriteEndObject();
        if (TrimsRanges)
        {
            json.WriteEndArray();
            json.WriteEndObject();
        }
    }

    private void WriteByteLevel(Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.WriteString("type", "ByteLevel");
        json.WriteBoolean("add_prefix_space", HasPrefixSpace);
        json.WriteBoolean("trim_offsets", true);
        json.WriteBoolean("use_regex", true);
        json.WriteEndObject();
    }

    private static void WriteParts(Utf8JsonWriter json, string name, IReadOnlyList<Part> parts)
    {
        json.WriteStartArray(name);
        foreach (var part in parts)
        {
            json.WriteStartObject();
            json.WriteStartObject(part.Token is null ? "Sequence" : "SpecialToken");
            json.WriteString("id", part.Token ?? (part.Text == 0 ? "A" : "B"));
            json.WriteNumber("type_id", part.Type);
            json.WriteEndObject();
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    /// <summary>A part: one of the texts (0, 1), or a token (-1).</summary>
    internal sealed record Part(int Text, string? Token, int Type);
}
