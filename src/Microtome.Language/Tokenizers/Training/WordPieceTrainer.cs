using System.Text;
using Microtome.Imaging;

namespace Microtome.Language;

/// <summary>
/// Trains a WordPiece vocabulary, BERT's kind. Tokens are found as Hugging Face's trainer finds them: by joining the most frequent pairs of neighbours, where symbols that go on with a word bear ##; they
/// are used by BERT's rule of the longest match.
/// </summary>
public static class WordPieceTrainer
{
    private const string Prefix = "##";

    /// <summary>Trains on UTF-8 text files, which are read once, line by line.</summary>
    /// <param name="files">The texts.</param>
    /// <param name="options">What to reach; null for the defaults.</param>
    /// <param name="progress">Told the bytes read so far.</param>
    /// <param name="cancellation">Stops it.</param>
    /// <exception cref="TextException">A file is empty or no UTF-8.</exception>
    /// <exception cref="UsageException">The vocabulary has no room for the characters and the special tokens.</exception>
    public static ITokenizer Train(IReadOnlyList<string> files, TokenizerTrainingOptions? options = null, IProgress<long>? progress = null, CancellationToken cancellation = default)
    {
        options ??= new TokenizerTrainingOptions();
        var counter = new WordCounter(new BertNormalizer(lowerCase: options.LowerCase), new BertSplitter());
        counter.Read(files, progress, cancellation);
        return Train(counter.Words, options, cancellation);
    }

    internal static ITokenizer Train(IReadOnlyList<(string Word, long Count)> words, TokenizerTrainingOptions options, CancellationToken cancellation = default)
    {
        var special = TrainingAlphabet.Special(options, ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]);
        if (!special.Contains("[UNK]"))
            throw new UsageException("WordPiece needs the special token [UNK] for words that it cannot write.");
        var kept = TrainingAlphabet.Characters(words, options.MostCharacters);
        // Characters that only begin words or only go on with them have one token.
        var beginning = new SortedSet<string>(StringComparer.Ordinal);
        var going = new SortedSet<string>(StringComparer.Ordinal);
        foreach (var (word, _) in words)
        {
            var first = true;
            foreach (var rune in word.EnumerateRunes())
            {
                if (kept.Contains(rune))
                    (first ? beginning : going).Add(first ? rune.ToString() : Prefix + rune);
                first = false;
            }
        }

        // Every character may come to stand alone.
        beginning.UnionWith(kept.Select(static rune => rune.ToString()));
        List<string> tokens = [.. special, .. beginning.Where(token => !special.Contains(token)), .. going.Where(token => !special.Contains(token))];
        TrainingAlphabet.CheckRoom(options, tokens.Count, $"{kept.Count} characters at the beginning of words and within them, and {special.Count} special tokens");
        var ids = tokens.Select(static (token, id) => (token, id)).ToDictionary(static t => t.token, static t => t.id, StringComparer.Ordinal);
        var trainer = new MergeTrainer(tokens, Prefix);
        trainer.Train([.. words.Select(w => Symbols(w.Word, ids))], [.. words.Select(static w => w.Count)], options.VocabularySize, options.MinimumFrequency, cancellation);
        var parts = Tokenizers.WordPieceParts(new Vocabulary(tokens), "The trained tokenizer", options.LowerCase);
        return new Tokenizer(parts with { Added = [.. special.Select(static (token, id) => new AddedToken(token, id))] }, "The trained tokenizer");
    }

    // A word with a character that was not kept will be unknown: nothing is learnt from it.
    private static int[] Symbols(string word, Dictionary<string, int> ids)
    {
        var symbols = new List<int>();
        var first = true;
        foreach (var rune in word.EnumerateRunes())
        {
            if (!ids.TryGetValue(first ? rune.ToString() : Prefix + rune, out var id))
                return [];
            symbols.Add(id);
            first = false;
        }

        return [.. symbols];
    }
}
