using System.Text;
using Microtome.Imaging;

namespace Microtome.Language;

/// <summary>Trains byte-level BPE, GPT-2's kind.</summary>
public static class BpeTrainer
{
    /// <summary>Trains on UTF-8 text files, which are read once, line by line.</summary>
    /// <param name="files">The texts.</param>
    /// <param name="options">What to reach; null for the defaults.</param>
    /// <param name="progress">Told the bytes read so far.</param>
    /// <param name="cancellation">Stops it.</param>
    /// <exception cref="TextException">A file is empty or no UTF-8.</exception>
    /// <exception cref="UsageException">The vocabulary has no room for the bytes and the special tokens.</exception>
    public static ITokenizer Train(IReadOnlyList<string> files, TokenizerTrainingOptions? options = null, IProgress<long>? progress = null, CancellationToken cancellation = default)
    {
        var counter = new WordCounter(null, new ByteLevelSplitter(addPrefixSpace: false, useExpression: true));
        counter.Read(files, progress, cancellation);
        return Train(counter.Words, options ?? new TokenizerTrainingOptions(), cancellation);
    }

    internal static ITokenizer Train(IReadOnlyList<(string Word, long Count)> words, TokenizerTrainingOptions options, CancellationToken cancellation = default)
    {
        var special = TrainingAlphabet.Special(options, ["<|endoftext|>"]);
        // In the order of their letters, as Hugging Face's trainer has them.
        List<string> tokens = [.. special, .. Enumerable.Range(0, 256).Select(static b => ByteAlphabet.Letter((byte)b)).Order().Select(static c => c.ToString())];
        TrainingAlphabet.CheckRoom(options, tokens.Count, $"256 bytes and {special.Count} special tokens");
        var idOfByte = new int[256];
        for (var id = special.Count; id < tokens.Count; id++)
            idOfByte[ByteAlphabet.Byte(tokens[id][0])] = id;
        var trainer = new MergeTrainer(tokens, string.Empty);
        trainer.Train(
            [.. words.Select(w => Array.ConvertAll(Encoding.UTF8.GetBytes(w.Word), b => idOfByte[b]))],
            [.. words.Select(static w => w.Count)],
            options.VocabularySize,
            options.MinimumFrequency,
            cancellation);
        var merges = trainer.Merges.Select(m => (tokens[m.Left], tokens[m.Right])).ToList();
        var parts = Tokenizers.ByteLevelParts(new Vocabulary(tokens), merges, special, "The trained tokenizer");
        if (special.Contains("<s>") && special.Contains("</s>"))
            parts = parts with { Template = SequenceTemplate.Roberta("<s>", "</s>") };
        return new Tokenizer(parts, "The trained tokenizer");
    }
}
