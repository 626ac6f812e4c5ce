namespace Microtome.Language;

/// <summary>Cuts passages into overlapping windows behind their question (Devlin et al. 2019, 4.2).</summary>
public static class SpanWindows
{
    /// <summary>The windows of all questions, in order.</summary>
    /// <exception cref="TextException">The windows have no room for the passage.</exception>
    public static IReadOnlyList<SpanWindow> Make(ITokenizer tokenizer, IReadOnlyList<SquadQuestion> questions, SpanWindowOptions? options = null)
    {
        options ??= new SpanWindowOptions();
        ArgumentOutOfRangeException.ThrowIfLessThan(options.Stride, 1, nameof(options));
        var windows = new List<SpanWindow>();
        for (var number = 0; number < questions.Count; number++)
            Make(tokenizer, questions[number], number, options, windows);
        return windows;
    }

    private static void Make(ITokenizer tokenizer, SquadQuestion question, int number, SpanWindowOptions options, List<SpanWindow> windows)
    {
        var pair = tokenizer.EncodePair(question.Question.Trim(), question.Context);
        var asked = Enumerable.Range(0, pair.Count).Where(i => pair.Sequences[i] == 0).Take(options.QuestionLength).ToHashSet();
        int[] passage = [.. Enumerable.Range(0, pair.Count).Where(i => pair.Sequences[i] == 1)];
        var added = pair.Sequences.Count(static s => s == -1);
        var room = options.Length - asked.Count - added;
        if (room < 1)
            throw new TextException($"Windows of {options.Length} tokens have no room for the passage: question '{Vocabulary.Show(question.Id)}' has {asked.Count} and {added} are added. Give longer windows.");
        var (first, last) = Answer(question, pair, passage);
        var parts = new List<(int From, int To)>();
        for (var from = 0; parts.Count == 0 || parts[^1].To < passage.Length; from += Math.Min(options.Stride, room))
            parts.Add((from, Math.Min(passage.Length, from + room)));
        foreach (var (from, to) in parts)
        {
            int[] kept = [.. Enumerable.Range(0, pair.Count).Where(i => pair.Sequences[i] switch { -1 => true, 0 => asked.Contains(i), _ => passage.Length > 0 && i >= passage[from] && i <= passage[to - 1] })];
            var shown = first >= from && last < to && first >= 0;
            windows.Add(new SpanWindow(
                number,
                [.. kept.Select(i => pair.Ids[i])],
                [.. kept.Select(i => pair.Types[i])],
                [.. kept.Select(i => pair.Sequences[i] == 1 ? pair.Starts[i] : -1)],
                [.. kept.Select(i => pair.Sequences[i] == 1 ? pair.Ends[i] : -1)],
                [.. kept.Select(i => pair.Sequences[i] == 1 && Best(parts, Array.BinarySearch(passage, i)) == (from, to))],
                shown ? Array.IndexOf(kept, passage[first]) : 0,
                shown ? Array.IndexOf(kept, passage[last]) : 0));
        }
    }

    // The tokens of the passage (by place in it) that hold the first answer, or -1.
    private static (int First, int Last) Answer(SquadQuestion question, TokenSequence pair, int[] passage)
    {
        if (question.Answers.FirstOrDefault(static a => a.Start >= 0 && a.Text.Length > 0) is not { } answer)
            return (-1, -1);
        int end = answer.Start + answer.Text.Length, first = -1, last = -1;
        for (var i = 0; i < passage.Length; i++)
        {
            if (pair.Ends[passage[i]] <= answer.Start || pair.Starts[passage[i]] >= end)
                continue;
            first = first < 0 ? i : first;
            last = i;
        }

        return (first, last);
    }

    // The part with the most on the poorer side of a token, and a hundredth of its length for ties, as published.
    private static (int From, int To) Best(List<(int From, int To)> parts, int at)
    {
        var best = (From: -1, To: -1);
        var most = double.NegativeInfinity;
        foreach (var (from, to) in parts)
        {
            if (at < from || at >= to)
                continue;
            var score = Math.Min(at - from, to - 1 - at) + (0.01 * (to - from));
            if (score > most)
                (most, best) = (score, (from, to));
        }

        return best;
    }
}
