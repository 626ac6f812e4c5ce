namespace Microtome.Language;

/// <summary>Which neighbours join, in what order, into which token; and the joining of a word.</summary>
internal sealed class MergeTable
{
    // Above this a heap is faster than looking at all pairs again.
    private const int Short = 48;
    private readonly Dictionary<long, (int Rank, int Id)> merges = [];

    public int Count => merges.Count;

    /// <summary>Adds the next merge; false when the pair is there already.</summary>
    public bool TryAdd(int left, int right, int rank, int joined) => merges.TryAdd(Key(left, right), (rank, joined));

    /// <summary>Joins neighbours, the lowest rank first and of equal ranks the leftmost, until none is left. Returns how many symbols remain at the front of the spans.</summary>
    /// <param name="ids">The symbols.</param>
    /// <param name="lengths">What is added up when symbols join.</param>
    public int Join(Span<int> ids, Span<int> lengths) => ids.Length <= Short ? JoinShort(ids, lengths) : JoinLong(ids, lengths);

    private static long Key(int left, int right) => ((long)left << 32) | (uint)right;

    private int JoinShort(Span<int> ids, Span<int> lengths)
    {
        var count = ids.Length;
        Span<int> ranks = stackalloc int[Short];
        Span<int> joined = stackalloc int[Short];
        for (var i = 0; i + 1 < count; i++)
            (ranks[i], joined[i]) = Look(ids[i], ids[i + 1]);
        while (count > 1)
        {
            var best = 0;
            for (var i = 1; i + 1 < count; i++)
            {
                if (ranks[i] < ranks[best])
                    best = i;
            }

            if (ranks[best] == int.MaxValue)
                break;
            ids[best] = joined[best];
            lengths[best] += lengths[best + 1];
            count--;
            for (var i = best + 1; i < count; i++)
            {
                (ids[i], lengths[i]) = (ids[i + 1], lengths[i + 1]);
                (ranks[i], joined[i]) = (ranks[i + 1], joined[i + 1]);
            }

            if (best > 0)
                (ranks[best - 1], joined[best - 1]) = Look(ids[best - 1], ids[best]);
            if (best + 1 < count)
                (ranks[best], joined[best]) = Look(ids[best], ids[best + 1]);
        }

        return count;
    }

    private int JoinLong(Span<int> ids, Span<int> lengths)
    {
        var count = ids.Length;
        var previous = new int[count];
        var next = new int[count];
        var queue = new PriorityQueue<(int At, int Left, int Right, int Joined), long>();
        for (var i = 0; i < count; i++)
            (previous[i], next[i]) = (i - 1, i + 1);
        for (var i = 0; i + 1 < count; i++)
            Push(queue, ids, i, i + 1);
        while (queue.TryDequeue(out var merge, out _))
        {
            var right = merge.At < count ? next[merge.At] : count;
            // What stood there when it was queued may have joined since.
            if (ids[merge.At] != merge.Left || right >= count || ids[right] != merge.Right)
                continue;
            ids[merge.At] = merge.Joined;
            lengths[merge.At] += lengths[right];
            ids[right] = -1;
            next[merge.At] = next[right];
            if (next[right] < count)
            {
                previous[next[right]] = merge.At;
                Push(queue, ids, merge.At, next[right]);
            }

            if (previous[merge.At] >= 0)
                Push(queue, ids, previous[merge.At], merge.At);
        }

        var kept = 0;
        for (var i = 0; i < count; i = next[i])
            (ids[kept], lengths[kept++]) = (ids[i], lengths[i]);
        return kept;
    }

    private void Push(PriorityQueue<(int At, int Left, int Right, int Joined), long> queue, ReadOnlySpan<int> ids, int left, int right)
    {
        if (merges.TryGetValue(Key(ids[left], ids[right]), out var merge))
            queue.Enqueue((left, ids[left], ids[right], merge.Id), ((long)merge.Rank << 32) | (uint)left);
    }

    private (int Rank, int Id) Look(int left, int right) => merges.TryGetValue(Key(left, right), out var merge) ? merge : (int.MaxValue, -1);
}
