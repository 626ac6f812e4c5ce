namespace Microtome.Language.Tests;

/// <summary>A token file of made-up documents: document d holds d + 1 times (at most 9) the word d of a vocabulary of 300.</summary>
internal sealed class Corpus : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public Corpus(int documents)
    {
        Tokenizer = MakeTokenizer(folder);
        var text = string.Join("\n", Enumerable.Range(0, documents).Select(static d => string.Join(' ', Enumerable.Repeat($"w{d % 250}", Math.Min(9, d + 1)))));
        File = TokenFile.Build(folder["corpus.tokens"], [folder.Write("corpus.txt", text)], Tokenizer, new TokenFileOptions { Documents = DocumentKind.Line });
    }

    public ITokenizer Tokenizer { get; }

    public TokenFile File { get; }

    public static ITokenizer MakeTokenizer(TemporaryFolder folder) => Tokenizers.Load(folder.Write(
        "vocab.txt",
        string.Join('\n', (string[])["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", .. Enumerable.Range(0, 40).Select(static i => $"<extra_id_{i}>"), .. Enumerable.Range(0, 250).Select(static i => $"w{i}"), "##a", "##b"])));

    /// <summary>How many documents the tokens make, when they are whole.</summary>
    public int CountWholeDocuments(IReadOnlyList<int> tokens)
    {
        var first = Tokenizer.Id("w0")!.Value;
        var count = 0;
        for (var at = 0; at < tokens.Count; count++)
        {
            var id = tokens[at];
            var run = 0;
            while (at < tokens.Count && tokens[at] == id && run < Math.Min(9, id - first + 1))
                (at, run) = (at + 1, run + 1);
            // Only the first documents are shorter; a word comes again only in a later round.
            if (run != 9)
                Xunit.Assert.Equal(id - first + 1, run);
        }

        return count;
    }

    public void Dispose()
    {
        File.Dispose();
        folder.Dispose();
    }
}
