using System.Buffers;

namespace Microtome.Language;

/// <summary>Finds added tokens in a text: the leftmost, and of those that begin at one place the longest.</summary>
internal sealed class AddedTokenSearch
{
    private readonly Dictionary<char, (string Content, AddedToken Token)[]> byFirst;
    private readonly SearchValues<char> firsts;

    /// <summary>Looks for tokens under the texts that stand for them.</summary>
    public AddedTokenSearch(IEnumerable<(string Content, AddedToken Token)> tokens)
    {
        byFirst = tokens.Where(static t => t.Content.Length > 0).GroupBy(static t => t.Content[0])
            .ToDictionary(static g => g.Key, static g => g.OrderByDescending(static t => t.Content.Length).ToArray());
        firsts = SearchValues.Create([.. byFirst.Keys]);
    }

    public bool IsEmpty => byFirst.Count == 0;

    /// <summary>The tokens and their places, from left to right.</summary>
    public List<(AddedToken Token, int From, int To)> Find(ReadOnlySpan<char> text)
    {
        var found = new List<(AddedToken Token, int From, int To)>();
        var done = 0;
        for (var at = 0; text[at..].IndexOfAny(firsts) is >= 0 and var skip;)
        {
            at += skip;
            var (content, token) = Match(text, at);
            if (token is null)
            {
                at++;
                continue;
            }

            int from = at, to = at + content.Length;
            at = to;
            if (token.SingleWord && (IsWordBefore(text, from) || IsWordAt(text, to)))
                continue;
            while (token.TakesLeft && from > done && char.IsWhiteSpace(text[from - 1]))
                from--;
            while (token.TakesRight && to < text.Length && char.IsWhiteSpace(text[to]))
                to++;
            found.Add((token, from, to));
            at = done = to;
        }

        return found;
    }

    private static bool IsWordAt(ReadOnlySpan<char> text, int at)
    {
        if (at >= text.Length)
            return false;
        CharacterKinds.Read(text, at, out var rune);
        return CharacterKinds.IsWord(rune);
    }

    private static bool IsWordBefore(ReadOnlySpan<char> text, int at) =>
        at > 0 && IsWordAt(text, at > 1 && char.IsLowSurrogate(text[at - 1]) && char.IsHighSurrogate(text[at - 2]) ? at - 2 : at - 1);

    private (string Content, AddedToken? Token) Match(ReadOnlySpan<char> text, int at)
    {
        foreach (var (content, token) in byFirst[text[at]])
        {
            if (text[at..].StartsWith(content, StringComparison.Ordinal))
                return (content, token);
        }

        return (string.Empty, null);
    }
}
