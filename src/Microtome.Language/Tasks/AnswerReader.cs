namespace Microtome.Language;

/// <summary>
/// Reads answers from the scores of starts and ends (Devlin et al. 2019, 4.2 and 4.3): the best pair with start before end that is not too long and lies in the passage, over all windows of a question. A start
/// counts in the window that shows it with the most context. The score of no answer is that of the first token, the lowest of all windows.
/// </summary>
public static class AnswerReader
{
    /// <summary>The answers to all questions.</summary>
    /// <param name="questions">The questions.</param>
    /// <param name="windows">Their windows.</param>
    /// <param name="starts">A window's scores of starts, shape [windows][at least its tokens].</param>
    /// <param name="ends">A window's scores of ends, of the same shape.</param>
    /// <param name="options">How; null for the defaults.</param>
    public static IReadOnlyList<AnswerPrediction> Read(IReadOnlyList<SquadQuestion> questions, IReadOnlyList<SpanWindow> windows, IReadOnlyList<float[]> starts, IReadOnlyList<float[]> ends, AnswerOptions? options = null)
    {
        options ??= new AnswerOptions();
        if (starts.Count != windows.Count || ends.Count != windows.Count)
            throw new ArgumentException($"{windows.Count} windows, {starts.Count} scores of starts and {ends.Count} of ends.", nameof(starts));
        var byQuestion = Enumerable.Range(0, windows.Count).ToLookup(i => windows[i].Question);
        return [.. questions.Select((question, number) => Read(question, byQuestion[number], windows, starts, ends, options))];
    }

    private static AnswerPrediction Read(SquadQuestion question, IEnumerable<int> own, IReadOnlyList<SpanWindow> windows, IReadOnlyList<float[]> starts, IReadOnlyList<float[]> ends, AnswerOptions options)
    {
        var found = new List<(int Start, int End, double Score)>();
        var none = double.PositiveInfinity;
        foreach (var number in own)
        {
            var window = windows[number];
            none = Math.Min(none, (double)starts[number][0] + ends[number][0]);
            var bestEnds = Best(ends[number], window.Ids.Length, options.Best);
            foreach (var start in Best(starts[number], window.Ids.Length, options.Best))
            {
                if (window.Starts[start] < 0 || !window.HasMostContext[start])
                    continue;
                foreach (var end in bestEnds)
                {
                    if (window.Starts[end] >= 0 && end >= start && end - start < options.MaximumLength)
                        found.Add((window.Starts[start], window.Ends[end], (double)starts[number][start] + ends[number][end]));
                }
            }
        }

        var seen = new HashSet<(int Start, int End)>();
        var kept = found.OrderByDescending(static f => f.Score).ThenBy(static f => f.Start).ThenBy(static f => f.End).Where(f => seen.Add((f.Start, f.End))).Take(options.Best)
            .Select(f => (Text: question.Context[f.Start..f.End], f.Start, f.Score)).ToList();
        var lead = none - (kept.Count > 0 ? kept[0].Score : double.NegativeInfinity);
        var answer = kept.Count > 0 && !(options.MayBeImpossible && lead > options.NullThreshold) ? kept[0].Text : string.Empty;
        if (options.MayBeImpossible)
            kept = [.. kept.Append((Text: string.Empty, Start: -1, Score: none)).OrderByDescending(static f => f.Score)];
        var highest = kept.Count == 0 ? 0 : kept[0].Score;
        var sum = kept.Sum(f => Math.Exp(f.Score - highest));
        return new AnswerPrediction(question.Id, answer, [.. kept.Select(f => new AnswerSpan(f.Text, f.Start, f.Score, Math.Exp(f.Score - highest) / sum))], lead);
    }

    private static int[] Best(float[] scores, int length, int count) => [.. Enumerable.Range(0, length).OrderByDescending(i => scores[i]).ThenBy(static i => i).Take(count)];
}
