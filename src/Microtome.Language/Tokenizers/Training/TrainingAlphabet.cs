using System.Text;
using Microtome.Imaging;

namespace Microtome.Language;

/// <summary>What both trainers begin with.</summary>
internal static class TrainingAlphabet
{
    /// <summary>The special tokens and sentinels of the options, or of the kind.</summary>
    public static IReadOnlyList<string> Special(TokenizerTrainingOptions options, string[] usual)
    {
        if (options.MinimumFrequency < 1)
            throw new UsageException($"A minimum frequency of {options.MinimumFrequency}: give 1 or more.");
        if (options.Sentinels is < 0 or > 10_000)
            throw new UsageException($"{options.Sentinels} sentinels: give 0 to 10000.");
        string[] all = [.. options.SpecialTokens ?? usual, .. Enumerable.Range(0, options.Sentinels).Select(static i => $"<extra_id_{i}>")];
        foreach (var token in all)
        {
            if (token.Length == 0 || token.Any(char.IsControl))
                throw new UsageException("A special token is empty or holds control characters.");
            if (all.Count(other => string.Equals(other, token, StringComparison.Ordinal)) > 1)
                throw new UsageException($"The special token '{token}' is given twice.");
        }

        return all;
    }

    /// <summary>Refuses a vocabulary that cannot even hold the alphabet.</summary>
    public static void CheckRoom(TokenizerTrainingOptions options, int needed, string what)
    {
        if (options.VocabularySize < needed)
            throw new UsageException($"A vocabulary of {options.VocabularySize} has no room for {what}: {needed} is the least.");
        if (options.VocabularySize > Vocabulary.LargestId)
            throw new UsageException($"A vocabulary of {options.VocabularySize}: {Vocabulary.LargestId} is the most.");
    }

    /// <summary>The most frequent characters; of equally frequent ones those with the smaller code.</summary>
    public static HashSet<Rune> Characters(IReadOnlyList<(string Word, long Count)> words, int most)
    {
        var counts = new Dictionary<Rune, long>();
        foreach (var (word, count) in words)
        {
            foreach (var rune in word.EnumerateRunes())
                counts[rune] = counts.GetValueOrDefault(rune) + count;
        }

        return [.. counts.OrderByDescending(static c => c.Value).ThenBy(static c => c.Key.Value).Take(most).Select(static c => c.Key)];
    }
}
