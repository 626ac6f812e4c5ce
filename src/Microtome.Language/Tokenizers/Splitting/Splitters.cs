using System.Text;
using System.Text.Json;

namespace Microtome.Language;

/// <summary>Several, each cutting the pieces of the one before.</summary>
internal sealed class SplitterSequence(IReadOnlyList<ISplitter> parts) : ISplitter
{
    public bool HasBytes => parts.Any(static p => p is ByteLevelSplitter);

    public void Split(ReadOnlySpan<char> text, int from, int to, List<(int From, int To)> pieces)
    {
        List<(int From, int To)> now = [(from, to)], next = [];
        foreach (var part in parts)
        {
            next.Clear();
            foreach (var (a, b) in now)
                part.Split(text, a, b, next);
            (now, next) = (next, now);
        }

        pieces.AddRange(now);
    }

    public void Write(Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.WriteString("type", "Sequence");
        json.WriteStartArray("pretokenizers");
        foreach (var part in parts)
            part.Write(json);
        json.WriteEndArray();
        json.WriteEndObject();
    }
}

/// <summary>GPT-2's words (or the text whole), whose bytes the model sees. The prefix space is put in front before any cutting.</summary>
internal sealed class ByteLevelSplitter(bool addPrefixSpace, bool useExpression) : ISplitter
{
    public bool AddPrefixSpace => addPrefixSpace;

    public void Split(ReadOnlySpan<char> text, int from, int to, List<(int From, int To)> pieces)
    {
        if (useExpression)
            Gpt2Splitter.Split(text, from, to, pieces);
        else if (from < to)
            pieces.Add((from, to));
    }

    public void Write(Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.WriteString("type", "ByteLevel");
        json.WriteBoolean("add_prefix_space", addPrefixSpace);
        json.WriteBoolean("trim_offsets", true);
        json.WriteBoolean("use_regex", useExpression);
        json.WriteEndObject();
    }
}

/// <summary>Words between white space, punctuation marks each alone.</summary>
internal sealed class BertSplitter : ISplitter
{
    public void Split(ReadOnlySpan<char> text, int from, int to, List<(int From, int To)> pieces)
    {
        var begin = from;
        for (var at = from; at < to;)
        {
            var used = CharacterKinds.Read(text[..to], at, out var rune);
            var space = Rune.IsWhiteSpace(rune);
            if (space || CharacterKinds.IsPunctuation(rune))
            {
                if (begin < at)
                    pieces.Add((begin, at));
                if (!space)
                    pieces.Add((at, at + used));
                begin = at + used;
            }

            at += used;
        }

        if (begin < to)
            pieces.Add((begin, to));
    }

    public void Write(Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.WriteString("type", "BertPreTokenizer");
        json.WriteEndObject();
    }
}

/// <summary>Words between white space.</summary>
internal sealed class WhitespaceSplitter : ISplitter
{
    public void Split(ReadOnlySpan<char> text, int from, int to, List<(int From, int To)> pieces)
    {
        var begin = from;
        for (var at = from; at < to; at++)
        {
            if (!char.IsWhiteSpace(text[at]))
                continue;
            if (begin < at)
                pieces.Add((begin, at));
            begin = at + 1;
        }

        if (begin < to)
            pieces.Add((begin, to));
    }

    public void Write(Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.WriteString("type", "WhitespaceSplit");
        json.WriteEndObject();
    }
}

/// <summary>Spaces written as a mark (▁), a word beginning at each.</summary>
internal sealed class MetaspaceSplitter(char mark, string scheme, bool split) : ISplitter
{
    /// <summary>The text with marks for spaces, and one in front where the scheme wants it.</summary>
    public AlignedText Prepare(AlignedText text, bool first)
    {
        var result = new AlignedText.Builder(text);
        if (text.Length > 0 && text.Chars[0] != ' ' && text.Chars[0] != mark && (scheme == "always" || (scheme == "first" && first)))
            result.Add(mark, 0, text.Length > 1 && char.IsHighSurrogate(text.Chars[0]) ? 2 : 1);
        for (var at = 0; at < text.Length; at++)
            result.Add(text.Chars[at] == ' ' ? mark : text.Chars[at], at, at + 1);
        return result.Build();
    }

    public void Split(ReadOnlySpan<char> text, int from, int to, List<(int From, int To)> pieces)
    {
        var begin = from;
        for (var at = from + 1; split && at < to; at++)
        {
            if (text[at] != mark)
                continue;
            pieces.Add((begin, at));
            begin = at;
        }

        if (begin < to)
            pieces.Add((begin, to));
    }

    public void Write(Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.WriteString("type", "Metaspace");
        json.WriteString("replacement", mark.ToString());
        json.WriteString("prepend_scheme", scheme);
        json.WriteBoolean("split", split);
        json.WriteEndObject();
    }
}
