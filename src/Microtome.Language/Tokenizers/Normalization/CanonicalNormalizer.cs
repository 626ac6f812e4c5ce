using System.Text;
using System.Text.Json;

namespace Microtome.Language;

/// <summary>NFD, or NFC when it composes again.</summary>
internal sealed class CanonicalNormalizer(bool compose) : INormalizer
{
    private const int MostSortedInPlace = 32;

    public AlignedText Apply(AlignedText text)
    {
        var chars = text.Chars;
        if (IsPlain(chars))
            return text;
        var result = new AlignedText.Builder(text);
        // A segment is a starter and all that may move or join with it.
        var segment = new List<(int Code, int From, int To)>();
        var parts = new List<int>();
        for (var at = 0; at < chars.Length;)
        {
            if (Rune.DecodeFromUtf16(chars[at..], out var rune, out var used) != System.Buffers.OperationStatus.Done)
            {
                Flush(segment, result);
                result.Add(chars[at], at, at + 1);
                at++;
                continue;
            }

            parts.Clear();
            CanonicalForms.Decompose(rune.Value, parts);
            foreach (var part in parts)
            {
                if (CanonicalForms.Class(part) == 0 && segment.Count > 0 && !Joins(segment, part))
                    Flush(segment, result);
                segment.Add((part, at, at + used));
            }

            at += used;
        }

        Flush(segment, result);
        return result.Build();
    }

    public void Write(Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.WriteString("type", compose ? "NFC" : "NFD");
        json.WriteEndObject();
    }

    private static bool IsPlain(ReadOnlySpan<char> chars)
    {
        foreach (var c in chars)
        {
            if (!CanonicalForms.IsPlain(c))
                return false;
        }

        return true;
    }

    // Starters compose with starters that follow at once (Hangul, some Indic vowels).
    private bool Joins(List<(int Code, int From, int To)> segment, int next)
    {
        if (!compose)
            return false;
        var composed = new List<(int Code, int From, int To)>(segment);
        Sort(composed);
        Compose(composed);
        return composed.Count == 1 && CanonicalForms.Compose(composed[0].Code, next) >= 0;
    }

    private void Flush(List<(int Code, int From, int To)> segment, AlignedText.Builder result)
    {
        Sort(segment);
        if (compose)
            Compose(segment);
        Span<char> utf16 = stackalloc char[2];
        foreach (var (code, from, to) in segment)
            result.Add(utf16[..new Rune(code).EncodeToUtf16(utf16)], from, to);
        segment.Clear();
    }

    // Canonical ordering: stable by class between starters.
    private static void Sort(List<(int Code, int From, int To)> segment)
    {
        // No language piles up so many marks; a hostile text must not cost their square.
        if (segment.Count > MostSortedInPlace)
        {
            var starters = 0;
            var ordered = segment.Select(item => (Item: item, Class: CanonicalForms.Class(item.Code))).Select(item => (item.Item, item.Class, Group: item.Class == 0 ? ++starters : starters))
                .OrderBy(static item => item.Group).ThenBy(static item => item.Class).Select(static item => item.Item).ToList();
            segment.Clear();
            segment.AddRange(ordered);
            return;
        }

        for (var i = 1; i < segment.Count; i++)
        {
            var item = segment[i];
            var rank = CanonicalForms.Class(item.Code);
            if (rank == 0)
                continue;
            var j = i;
            for (; j > 0 && CanonicalForms.Class(segment[j - 1].Code) > rank; j--)
                segment[j] = segment[j - 1];
            segment[j] = item;
        }
    }

    private static void Compose(List<(int Code, int From, int To)> segment)
    {
        if (segment.Count == 0 || CanonicalForms.Class(segment[0].Code) != 0)
            return;
        var lastClass = 0;
        var kept = 1;
        for (var i = 1; i < segment.Count; i++)
        {
            var item = segment[i];
            var rank = CanonicalForms.Class(item.Code);
            var blocked = kept > 1 && (lastClass >= rank || lastClass == 0);
            var joined = blocked ? -1 : CanonicalForms.Compose(segment[0].Code, item.Code);
            if (joined >= 0)
            {
                segment[0] = (joined, segment[0].From, Math.Max(segment[0].To, item.To));
                continue;
            }

            lastClass = rank;
            segment[kept++] = item;
        }

        segment.RemoveRange(kept, segment.Count - kept);
    }
}
