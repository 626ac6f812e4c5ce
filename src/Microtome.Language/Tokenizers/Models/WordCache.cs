using System.Collections.Concurrent;

namespace Microtome.Language;

/// <summary>The tokens of words that came before. Text repeats its words, so that most are looked up and not computed.</summary>
internal sealed class WordCache
{
    private const int LongestWord = 48;
    private const int MostWords = 1 << 17;
    private readonly ConcurrentDictionary<string, Entry> entries = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, Entry>.AlternateLookup<ReadOnlySpan<char>> bySpan;
    private int count;

    public WordCache() => bySpan = entries.GetAlternateLookup<ReadOnlySpan<char>>();

    /// <summary>Adds the tokens of a known word.</summary>
    public bool TryAdd(ReadOnlySpan<char> word, TokenBuffer into)
    {
        if (word.Length > LongestWord || !bySpan.TryGetValue(word, out var entry))
            return false;
        for (var i = 0; i < entry.Ids.Length; i++)
            into.Add(entry.Ids[i], entry.Starts[i], entry.Ends[i]);
        return true;
    }

    /// <summary>Remembers the tokens that were added from <paramref name="first"/> on. A full cache takes no more.</summary>
    public void Remember(ReadOnlySpan<char> word, TokenBuffer tokens, int first)
    {
        if (word.Length > LongestWord || count >= MostWords)
            return;
        var entry = new Entry(tokens.Ids[first..].ToArray(), Narrow(tokens.Starts[first..]), Narrow(tokens.Ends[first..]));
        if (bySpan.TryAdd(word, entry))
            Interlocked.Increment(ref count);
    }

    private static byte[] Narrow(ReadOnlySpan<int> values)
    {
        var narrow = new byte[values.Length];
        for (var i = 0; i < values.Length; i++)
            narrow[i] = (byte)values[i];
        return narrow;
    }

    private sealed record Entry(int[] Ids, byte[] Starts, byte[] Ends);
}
