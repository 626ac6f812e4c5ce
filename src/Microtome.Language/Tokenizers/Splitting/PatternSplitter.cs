using System.Text.Json;

namespace Microtome.Language;

/// <summary>Cuts at the matches of a pattern.</summary>
internal sealed class PatternSplitter(TextPattern pattern, string behavior, bool invert, Action<Utf8JsonWriter> write) : ISplitter
{
    public static readonly string[] Behaviors = ["Removed", "Isolated", "MergedWithPrevious", "MergedWithNext", "Contiguous"];

    public static PatternSplitter Split(TextPattern pattern, string behavior, bool invert) => new(pattern, behavior, invert, json =>
    {
        json.WriteStartObject();
        json.WriteString("type", "Split");
        pattern.Write(json);
        json.WriteString("behavior", behavior);
        json.WriteBoolean("invert", invert);
        json.WriteEndObject();
    });

    /// <summary>Numbers apart from the rest, or every digit alone.</summary>
    public static PatternSplitter Digits(bool individual) => new(TextPattern.Known(@"\p{N}"), individual ? "Isolated" : "Contiguous", invert: false, json =>
    {
        json.WriteStartObject();
        json.WriteString("type", "Digits");
        json.WriteBoolean("individual_digits", individual);
        json.WriteEndObject();
    });

    /// <summary>Words and runs of marks, without the white space.</summary>
    public static PatternSplitter Words() => new(TextPattern.Known(@"\w+|[^\w\s]+"), "Removed", invert: true, static json =>
    {
        json.WriteStartObject();
        json.WriteString("type", "Whitespace");
        json.WriteEndObject();
    });

    /// <summary>Punctuation apart from the rest.</summary>
    public static PatternSplitter Punctuation(string behavior) => new(TextPattern.Known(@"[!-/:-@\[-`{-~\p{P}]"), behavior, invert: false, json =>
    {
        json.WriteStartObject();
        json.WriteString("type", "Punctuation");
        json.WriteString("behavior", behavior);
        json.WriteEndObject();
    });

    public void Split(ReadOnlySpan<char> text, int from, int to, List<(int From, int To)> pieces)
    {
        // Everything, in matches and what lies between them.
        var parts = new List<(int From, int To, bool Match)>();
        var at = from;
        foreach (var (a, b) in pattern.Matches(text[from..to]))
        {
            if (at < from + a)
                parts.Add((at, from + a, invert));
            parts.Add((from + a, from + b, !invert));
            at = from + b;
        }

        if (at < to)
            parts.Add((at, to, invert));
        Join(parts, pieces);
    }

    public void Write(Utf8JsonWriter json) => write(json);

    private void Join(List<(int From, int To, bool Match)> parts, List<(int From, int To)> pieces)
    {
        switch (behavior)
        {
            case "Removed":
                pieces.AddRange(parts.Where(static p => !p.Match).Select(static p => (p.From, p.To)));
                break;
            case "Isolated":
                pieces.AddRange(parts.Select(static p => (p.From, p.To)));
                break;
            case "Contiguous":
                for (var i = 0; i < parts.Count;)
                {
                    var first = i;
                    while (i < parts.Count && parts[i].Match == parts[first].Match)
                        i++;
                    pieces.Add((parts[first].From, parts[i - 1].To));
                }

                break;
            case "MergedWithPrevious":
                for (var i = 0; i < parts.Count; i++)
                {
                    var merged = !parts[i].Match && i + 1 < parts.Count && parts[i + 1].Match;
                    pieces.Add((parts[i].From, parts[merged ? i + 1 : i].To));
                    i += merged ? 1 : 0;
                }

                break;
            default:
                for (var i = 0; i < parts.Count; i++)
                {
                    var merged = parts[i].Match && i + 1 < parts.Count && !parts[i + 1].Match;
                    pieces.Add((parts[i].From, parts[merged ? i + 1 : i].To));
                    i += merged ? 1 : 0;
                }

                break;
        }
    }
}
