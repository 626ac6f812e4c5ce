using System.Runtime.InteropServices;

namespace Microtome.Language;

/// <summary>
/// Byte-pair encoding's training (Sennrich et al. 2016): the most frequent pair of neighbours becomes a token, until there are enough. Of equally frequent pairs the one with the smaller left, then the
/// smaller right id joins, so that the result depends on the words and their counts alone. Pairs are counted once; a join changes the counts of the words that hold it.
/// </summary>
internal sealed class MergeTrainer
{
    private readonly List<string> tokens;
    private readonly Dictionary<string, int> ids;
    private readonly string prefix;
    private readonly List<(int Left, int Right)> merges = [];
    private readonly Dictionary<long, long> pairs = [];
    private readonly Dictionary<long, HashSet<int>> places = [];
    private readonly PriorityQueue<long, (long NegativeCount, long Pair)> queue = new();

    /// <summary>Begins with an alphabet.</summary>
    /// <param name="tokens">The tokens there are, by id; joins are added.</param>
    /// <param name="prefix">Marks tokens that go on with a word; it falls away within a join.</param>
    public MergeTrainer(List<string> tokens, string prefix)
    {
        this.tokens = tokens;
        this.prefix = prefix;
        ids = tokens.Select(static (token, id) => (token, id)).ToDictionary(static t => t.token, static t => t.id, StringComparer.Ordinal);
    }

    /// <summary>The joins in their order.</summary>
    public IReadOnlyList<(int Left, int Right)> Merges => merges;

    /// <summary>Trains.</summary>
    /// <param name="words">The symbols of each word; they are changed.</param>
    /// <param name="counts">How often each word came.</param>
    /// <param name="size">Tokens to reach.</param>
    /// <param name="minimum">Rarer pairs do not join.</param>
    /// <param name="cancellation">Stops it.</param>
    public void Train(IReadOnlyList<int[]> words, IReadOnlyList<long> counts, int size, long minimum, CancellationToken cancellation)
    {
        var now = words.ToArray();
        for (var word = 0; word < now.Length; word++)
        {
            for (var i = 0; i + 1 < now[word].Length; i++)
                Change(Pair(now[word][i], now[word][i + 1]), counts[word], word);
        }

        foreach (var (pair, count) in pairs)
            queue.Enqueue(pair, (-count, pair));
        var grown = new HashSet<long>();
        while (tokens.Count < size && queue.TryDequeue(out var pair, out var priority))
        {
            cancellation.ThrowIfCancellationRequested();
            var count = pairs.GetValueOrDefault(pair);
            if (count != -priority.NegativeCount)
            {
                // It shrank, or it grew and stands in the queue again.
                if (count > 0 && count < -priority.NegativeCount)
                    queue.Enqueue(pair, (-count, pair));
                continue;
            }

            if (count < Math.Max(1, minimum))
                break;
            int left = (int)(pair >> 32), right = (int)pair;
            var joined = Token(left, right);
            merges.Add((left, right));
            pairs.Remove(pair);
            if (!places.Remove(pair, out var holders))
                continue;
            grown.Clear();
            foreach (var word in holders)
                now[word] = Join(now[word], left, right, joined, counts[word], word, grown);
            pairs.Remove(pair);
            foreach (var bigger in grown)
            {
                if (pairs.GetValueOrDefault(bigger) is > 0 and var more)
                    queue.Enqueue(bigger, (-more, bigger));
            }
        }
    }

    private static long Pair(int left, int right) => ((long)left << 32) | (uint)right;

    private int Token(int left, int right)
    {
        var tail = tokens[right];
        var token = tokens[left] + (prefix.Length > 0 && tail.StartsWith(prefix, StringComparison.Ordinal) ? tail[prefix.Length..] : tail);
        // Two ways may lead to one token.
        ref var id = ref CollectionsMarshal.GetValueRefOrAddDefault(ids, token, out var known);
        if (!known)
        {
            id = tokens.Count;
            tokens.Add(token);
        }

        return id;
    }

    private int[] Join(int[] symbols, int left, int right, int joined, long count, int word, HashSet<long> grown)
    {
        var kept = 0;
        for (var i = 0; i < symbols.Length; i++)
        {
            if (i + 1 >= symbols.Length || symbols[i] != left || symbols[i + 1] != right)
            {
                symbols[kept++] = symbols[i];
                continue;
            }

            if (kept > 0)
            {
                Change(Pair(symbols[kept - 1], left), -count, word);
                Change(Pair(symbols[kept - 1], joined), count, word);
                grown.Add(Pair(symbols[kept - 1], joined));
            }

            if (i + 2 < symbols.Length)
            {
                Change(Pair(right, symbols[i + 2]), -count, word);
                Change(Pair(joined, symbols[i + 2]), count, word);
                grown.Add(Pair(joined, symbols[i + 2]));
            }

            symbols[kept++] = joined;
            i++;
        }

        return kept == symbols.Length ? symbols : symbols[..kept];
    }

    private void Change(long pair, long by, int word)
    {
        ref var count = ref CollectionsMarshal.GetValueRefOrAddDefault(pairs, pair, out _);
        count += by;
        if (by <= 0)
            return;
        ref var holders = ref CollectionsMarshal.GetValueRefOrAddDefault(places, pair, out _);
        (holders ??= []).Add(word);
    }
}
