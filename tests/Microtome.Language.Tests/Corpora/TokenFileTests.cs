using System.Text;

namespace Microtome.Language.Tests;

public sealed class TokenFileTests
{
    [Theory]
    [InlineData(DocumentKind.File, new[] { "one two\n\nthree\n  \nfour\nfive" })]
    [InlineData(DocumentKind.Paragraph, new[] { "one two", "three", "four\nfive" })]
    [InlineData(DocumentKind.Line, new[] { "one two", "three", "four", "five" })]
    public void Build_CutsDocuments_AndKeepsTheirTokens(DocumentKind kind, string[] documents)
    {
        using var folder = new TemporaryFolder();
        var text = folder.Write("a.txt", "\uFEFFone two\n\nthree\n  \nfour\nfive\n");

        using var file = TokenFile.Build(folder["a.tokens"], [text], Recorded.Gpt2, new TokenFileOptions { Documents = kind, Separator = 50256 });

        Assert.Equal(documents.Length, file.Documents);
        for (var i = 0; i < documents.Length; i++)
        {
            var ids = new int[file.DocumentStart(i + 1) - file.DocumentStart(i)];
            file.Read(file.DocumentStart(i), ids);
            Assert.Equal([.. Recorded.Gpt2.Encode(documents[i]).Ids, 50256], ids);
        }
    }

    [Fact]
    public void Build_Again_ReusesWhatIsThere_AndAnyChangeMakesItAnew()
    {
        using var folder = new TemporaryFolder();
        var text = folder.Write("a.txt", "one two\n\nthree");
        string Hash(ITokenizer tokenizer, TokenFileOptions options)
        {
            using var file = TokenFile.Build(folder["a.tokens"], [text], tokenizer, options);
            return file.SourceHash;
        }

        var hash = Hash(Recorded.Gpt2, new());
        var written = File.GetLastWriteTimeUtc(folder["a.tokens"]);
        Assert.Equal(hash, Hash(Recorded.Gpt2, new()));
        Assert.Equal(written, File.GetLastWriteTimeUtc(folder["a.tokens"]));
        var hashes = new HashSet<string> { hash, Hash(Recorded.Bert, new()), Hash(Recorded.Gpt2, new() { Separator = 5 }), Hash(Recorded.Gpt2, new() { Documents = DocumentKind.Line }) };
        File.WriteAllText(text, "one two\n\nthrey");
        hashes.Add(Hash(Recorded.Gpt2, new()));
        Assert.Equal(5, hashes.Count);
    }

    [Fact]
    public void LongFile_InParts_HasTheTokensOfTheWhole()
    {
        using var folder = new TemporaryFolder();
        var builder = new StringBuilder();
        for (var i = 0; builder.Length < 3 << 20; i++)
            builder.Append("Line ").Append(i).Append(i % 7 == 0 ? " ends.\n\n  " : " goes on\n");
        var text = builder.ToString().TrimEnd();

        using var file = TokenFile.Build(folder["a.tokens"], [folder.Write("a.txt", text)], Recorded.Gpt2, new TokenFileOptions { Documents = DocumentKind.File });

        var ids = new int[file.Count];
        file.Read(0, ids);
        Assert.Equal(1, file.Documents);
        Assert.Equal(Recorded.Gpt2.Encode(text).Ids, ids);
    }

    [Fact]
    public void LineOfMegabytes_IsReadInParts_WithoutBreakingCharacters()
    {
        using var folder = new TemporaryFolder();
        var text = string.Concat(Enumerable.Repeat("äöü€😀", 300_000));
        using var reader = new Utf8LineReader(folder.Write("a.txt", text));
        var all = new StringBuilder();
        while (reader.Next() is { } part)
            all.Append(part);
        Assert.True(all.ToString() == text);
    }

    [Fact]
    public void LargeVocabulary_TakesFourBytes()
    {
        using var folder = new TemporaryFolder();
        var vocabulary = string.Concat(Enumerable.Range(0, 70_000).Select(static i => i == 0 ? "[UNK]\n" : $"w{i}\n"));
        var tokenizer = Tokenizers.Load(folder.Write("vocab.txt", vocabulary));

        using var file = TokenFile.Build(folder["a.tokens"], [folder.Write("a.txt", "w69999 w3 w65536")], tokenizer);

        var ids = new int[3];
        file.Read(0, ids);
        Assert.Equal([69999, 3, 65536], ids);
    }

    [Fact]
    public void InvalidUtf8_NamesFileAndByte()
    {
        using var folder = new TemporaryFolder();
        var bytes = Encoding.UTF8.GetBytes("good line ä\nbad ").Concat(new byte[] { 0xE4, 0x20, 0x41 }).ToArray();
        File.WriteAllBytes(folder["latin.txt"], bytes);

        var error = Assert.Throws<TextException>(() => TokenFile.Build(folder["a.tokens"], [folder["latin.txt"]], Recorded.Gpt2));

        Assert.Contains("latin.txt is not UTF-8: byte 17 (0xE4)", error.Message, StringComparison.Ordinal);
        Assert.Equal(["latin.txt"], Directory.EnumerateFiles(Path.GetDirectoryName(folder["x"])!).Select(Path.GetFileName));
    }

    [Theory]
    [InlineData("", "is empty")]
    [InlineData(" \n\t\n", "nothing but white space")]
    public void NoText_SaysSo(string text, string message)
    {
        using var folder = new TemporaryFolder();
        var error = Assert.Throws<TextException>(() => TokenFile.Build(folder["a.tokens"], [folder.Write("a.txt", text)], Recorded.Gpt2));
        Assert.Contains("a.txt", error.Message, StringComparison.Ordinal);
        Assert.Contains(message, error.Message, StringComparison.Ordinal);
        Assert.False(File.Exists(folder["a.tokens"]));
    }

    [Fact]
    public void DamagedFile_IsRefusedOrReadsItsTokens_NeverMore()
    {
        using var folder = new TemporaryFolder();
        using (TokenFile.Build(folder["a.tokens"], [folder.Write("a.txt", "one two three\n\nfour five\n\nsix")], Recorded.Gpt2))
        {
        }

        var good = File.ReadAllBytes(folder["a.tokens"]);
        var random = new Random(3);
        var refused = 0;
        for (var round = 0; round < 400; round++)
        {
            var bytes = (byte[])good.Clone();
            if (round % 4 == 0)
                bytes = bytes[..random.Next(bytes.Length)];
            else
                for (var i = 0; i <= round % 3; i++)
                    bytes[random.Next(round % 2 == 0 ? 40 : bytes.Length)] = (byte)random.Next(256);
            File.WriteAllBytes(folder["b.tokens"], bytes);
            try
            {
                using var file = TokenFile.Open(folder["b.tokens"]);
                file.Read(0, new int[file.Count]);
                new BatchSampler(file, new BatchSamplerOptions { WindowLength = 2, BatchSize = 2 }).ReadWindow(0, new int[2]);
            }
            catch (TextException e)
            {
                Assert.Contains("b.tokens", e.Message, StringComparison.Ordinal);
                refused++;
            }
        }

        Assert.InRange(refused, 100, 399);
    }
}
