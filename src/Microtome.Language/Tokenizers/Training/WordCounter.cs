using Microtome.Imaging;

namespace Microtome.Language;

/// <summary>Counts the words of text files, line by line; memory depends on how many different words there are.</summary>
internal sealed class WordCounter(INormalizer? normalizer, ISplitter splitter)
{
    // Longer pieces are no words: a picture in base 64, a line without spaces.
    private const int LongestWord = 1024;
    private readonly Dictionary<string, long> counts = new(StringComparer.Ordinal);
    private readonly List<(int From, int To)> pieces = [];

    /// <summary>The words and how often they came, in the order of their characters.</summary>
    public IReadOnlyList<(string Word, long Count)> Words => [.. counts.OrderBy(static w => w.Key, StringComparer.Ordinal).Select(static w => (w.Key, w.Value))];

    /// <summary>Reads files.</summary>
    /// <exception cref="TextException">A file is empty or no UTF-8.</exception>
    public void Read(IReadOnlyList<string> files, IProgress<long>? progress, CancellationToken cancellation)
    {
        if (files.Count == 0)
            throw new UsageException("Training a tokenizer needs at least one text file.");
        long done = 0;
        foreach (var file in files)
        {
            using var lines = new Utf8LineReader(file);
            while (lines.Next() is { } line)
            {
                cancellation.ThrowIfCancellationRequested();
                Add(line);
                progress?.Report(done + lines.Position);
            }

            done += lines.Position;
        }

        if (counts.Count == 0)
            throw new TextException($"{string.Join(", ", files.Take(3))}{(files.Count > 3 ? ", ..." : string.Empty)}: nothing but white space. There is no text to learn from.");
    }

    /// <summary>Counts the words of a line.</summary>
    public void Add(string line)
    {
        var text = new AlignedText(line, 0, line.Length);
        if (normalizer is not null)
            text = normalizer.Apply(text);
        pieces.Clear();
        splitter.Split(text.Chars, 0, text.Length, pieces);
        var bySpan = counts.GetAlternateLookup<ReadOnlySpan<char>>();
        foreach (var (from, to) in pieces)
        {
            if (to - from > LongestWord)
                continue;
            System.Runtime.InteropServices.CollectionsMarshal.GetValueRefOrAddDefault(bySpan, text.Chars[from..to], out _)++;
        }
    }
}
