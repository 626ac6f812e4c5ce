using System.Text.Json;

namespace Microtome.Language;

/// <summary>Several, one after another.</summary>
internal sealed class NormalizerSequence(IReadOnlyList<INormalizer> parts) : INormalizer
{
    public AlignedText Apply(AlignedText text)
    {
        foreach (var part in parts)
            text = part.Apply(text);
        return text;
    }

    public void Write(Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.WriteString("type", "Sequence");
        json.WriteStartArray("normalizers");
        foreach (var part in parts)
            part.Write(json);
        json.WriteEndArray();
        json.WriteEndObject();
    }
}

/// <summary>Small letters.</summary>
internal sealed class LowerNormalizer : INormalizer
{
    public AlignedText Apply(AlignedText text) => BertNormalizer.Lower(text);

    public void Write(Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.WriteString("type", "Lowercase");
        json.WriteEndObject();
    }
}

/// <summary>Without non-spacing marks.</summary>
internal sealed class StripAccentsNormalizer : INormalizer
{
    public AlignedText Apply(AlignedText text) => BertNormalizer.StripMarks(text);

    public void Write(Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.WriteString("type", "StripAccents");
        json.WriteEndObject();
    }
}

/// <summary>Without the white space at the ends.</summary>
internal sealed class StripNormalizer(bool left, bool right) : INormalizer
{
    public AlignedText Apply(AlignedText text)
    {
        int from = 0, to = text.Length;
        while (left && from < to && char.IsWhiteSpace(text.Chars[from]))
            from++;
        while (right && to > from && char.IsWhiteSpace(text.Chars[to - 1]))
            to--;
        return text.Slice(from, to);
    }

    public void Write(Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.WriteString("type", "Strip");
        json.WriteBoolean("strip_left", left);
        json.WriteBoolean("strip_right", right);
        json.WriteEndObject();
    }
}

/// <summary>A text put in front of every text that is not empty.</summary>
internal sealed class PrependNormalizer(string prefix) : INormalizer
{
    public AlignedText Apply(AlignedText text) => text.Length == 0 ? text : Prepend(text, prefix);

    public void Write(Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.WriteString("type", "Prepend");
        json.WriteString("prepend", prefix);
        json.WriteEndObject();
    }

    /// <summary>The prefix stands for the first character's place.</summary>
    internal static AlignedText Prepend(AlignedText text, string prefix)
    {
        var first = text.Length > 1 && char.IsHighSurrogate(text.Chars[0]) ? 2 : 1;
        var result = new AlignedText.Builder(text);
        result.Add(prefix, 0, first);
        for (var at = 0; at < text.Length; at++)
            result.Add(text.Chars[at], at, at + 1);
        return result.Build();
    }
}

/// <summary>Every match replaced by a text.</summary>
internal sealed class ReplaceNormalizer(TextPattern pattern, string content) : INormalizer
{
    public AlignedText Apply(AlignedText text)
    {
        var chars = text.Chars;
        var result = new AlignedText.Builder(text);
        var at = 0;
        foreach (var (from, to) in pattern.Matches(chars))
        {
            for (; at < from; at++)
                result.Add(chars[at], at, at + 1);
            result.Add(content, from, to);
            at = to;
        }

        if (at == 0)
            return text;
        for (; at < chars.Length; at++)
            result.Add(chars[at], at, at + 1);
        return result.Build();
    }

    public void Write(Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.WriteString("type", "Replace");
        pattern.Write(json);
        json.WriteString("content", content);
        json.WriteEndObject();
    }
}
