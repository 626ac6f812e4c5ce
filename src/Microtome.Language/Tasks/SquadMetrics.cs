using System.Text;

namespace Microtome.Language;

/// <summary>SQuAD's measures, as its published evaluation computes them.</summary>
public static class SquadMetrics
{
    /// <summary>An answer for comparison: small letters, without ASCII's punctuation, without the words a, an, the, single spaces.</summary>
    public static string Normalize(string answer)
    {
        var plain = new StringBuilder(answer.Length);
        foreach (var c in answer.ToLowerInvariant())
        {
            if (c is not ((>= '!' and <= '/') or (>= ':' and <= '@') or (>= '[' and <= '`') or (>= '{' and <= '~')))
                plain.Append(c);
        }

        // An article is a word of its own: no letter, digit or underscore touches it.
        var words = new List<string>();
        foreach (var word in plain.ToString().Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries))
            words.AddRange(WithoutArticles(word).Split(' ', StringSplitOptions.RemoveEmptyEntries));
        return string.Join(' ', words);
    }

    /// <summary>Whether two answers are equal after <see cref="Normalize"/>.</summary>
    public static bool ExactMatch(string predicted, string truth) => string.Equals(Normalize(predicted), Normalize(truth), StringComparison.Ordinal);

    /// <summary>F1 of the words that two answers share, each as often as both have it. With an answer that is empty after <see cref="Normalize"/>: 1 when both are, else 0.</summary>
    public static double F1(string predicted, string truth)
    {
        string[] ours = Normalize(predicted).Split(' ', StringSplitOptions.RemoveEmptyEntries), theirs = Normalize(truth).Split(' ', StringSplitOptions.RemoveEmptyEntries);
        if (ours.Length == 0 || theirs.Length == 0)
            return ours.Length == theirs.Length ? 1 : 0;
        var counts = theirs.GroupBy(static w => w, StringComparer.Ordinal).ToDictionary(static g => g.Key, static g => g.Count(), StringComparer.Ordinal);
        var shared = ours.GroupBy(static w => w, StringComparer.Ordinal).Sum(g => Math.Min(g.Count(), counts.GetValueOrDefault(g.Key)));
        if (shared == 0)
            return 0;
        double precision = shared / (double)ours.Length, recall = shared / (double)theirs.Length;
        return 2 * precision * recall / (precision + recall);
    }

    /// <summary>Measures predictions; a question without one counts as answered with nothing. Of several answers the best counts; a question that cannot be answered wants the empty one.</summary>
    /// <param name="questions">The questions.</param>
    /// <param name="predictions">Answers by id.</param>
    public static SquadScores Measure(IReadOnlyList<SquadQuestion> questions, IReadOnlyDictionary<string, string> predictions)
    {
        if (questions.Count == 0)
            throw new ArgumentException("There are no questions to measure.", nameof(questions));
        double exact = 0, f1 = 0, answerableExact = 0, answerableF1 = 0, impossibleExact = 0;
        var answerable = 0;
        foreach (var question in questions)
        {
            var predicted = predictions.GetValueOrDefault(question.Id) ?? string.Empty;
            string[] truths = [.. question.Answers.Select(static a => a.Text).Where(static text => Normalize(text).Length > 0)];
            if (truths.Length == 0)
                truths = [string.Empty];
            double match = truths.Any(truth => ExactMatch(predicted, truth)) ? 1 : 0, best = truths.Max(truth => F1(predicted, truth));
            exact += match;
            f1 += best;
            if (question.Answers.Count > 0)
            {
                answerable++;
                answerableExact += match;
                answerableF1 += best;
            }
            else
            {
                impossibleExact += match;
            }
        }

        var impossible = questions.Count - answerable;
        return new SquadScores(
            100 * exact / questions.Count,
            100 * f1 / questions.Count,
            answerable == 0 ? null : 100 * answerableExact / answerable,
            answerable == 0 ? null : 100 * answerableF1 / answerable,
            impossible == 0 ? null : 100 * impossibleExact / impossible,
            questions.Count,
            questions.Count(question => !predictions.ContainsKey(question.Id)));
    }

    private static string WithoutArticles(string word)
    {
        var result = new StringBuilder(word.Length);
        for (var at = 0; at < word.Length;)
        {
            var end = at;
            while (end < word.Length && IsWord(word[end]))
                end++;
            if (end == at)
            {
                result.Append(word[at++]);
                continue;
            }

            var part = word[at..end];
            result.Append(part is "a" or "an" or "the" ? " " : part);
            at = end;
        }

        return result.ToString();
    }

    private static bool IsWord(char c) => char.IsLetter(c) || char.IsNumber(c) || c == '_';
}
