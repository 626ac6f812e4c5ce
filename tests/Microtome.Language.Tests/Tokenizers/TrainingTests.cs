using System.Text.Json;
using Microtome.Imaging;

namespace Microtome.Language.Tests;

public sealed class TrainingTests
{
    [Fact]
    public void Bpe_OnShakespeare_FindsTheMergesOfHuggingFace()
    {
        using var folder = new TemporaryFolder();
        var recorded = Recorded.Json("trained-bpe.json.gz").GetProperty("merges").EnumerateArray().Select(static m => $"{m[0]} {m[1]}").ToArray();

        var tokenizer = BpeTrainer.Train([Shakespeare(folder)], new TokenizerTrainingOptions { MinimumFrequency = 1 });

        Tokenizers.Save(tokenizer, folder["tokenizer.json"]);
        using var written = JsonDocument.Parse(File.ReadAllText(folder["tokenizer.json"]));
        var merges = written.RootElement.GetProperty("model").GetProperty("merges").EnumerateArray().Select(static m => $"{m[0]} {m[1]}").ToArray();
        Assert.Equal(recorded, merges);
    }

    [Fact]
    public void WordPiece_OnShakespeare_FindsTheTokensOfHuggingFace()
    {
        using var folder = new TemporaryFolder();
        var recorded = Recorded.Json("trained-wordpiece.json.gz").GetProperty("vocab").EnumerateObject().Select(static t => t.Name).ToHashSet();

        var tokenizer = WordPieceTrainer.Train([Shakespeare(folder)], new TokenizerTrainingOptions { MinimumFrequency = 1 });

        var tokens = Enumerable.Range(5, tokenizer.VocabularySize - 5).Select(id => tokenizer.Token(id)!).ToHashSet();
        // Ties fall by ids, and its ids of ## characters change from run to run: of the rare tokens some differ.
        Assert.True(tokens.Intersect(recorded).Count() > 0.97 * recorded.Count, $"{tokens.Intersect(recorded).Count()} of {recorded.Count}: {string.Join(' ', recorded.Except(tokens).Take(20))} / {string.Join(' ', tokens.Except(recorded).Take(20))}");
    }

    [Fact]
    public void Merges_OnRandomWords_EqualCountingAnewEveryTime()
    {
        var random = new Random(5);
        for (var round = 0; round < 60; round++)
        {
            var letters = 2 + random.Next(4);
            var words = Enumerable.Range(0, 1 + random.Next(12)).Select(_ => Enumerable.Range(0, 1 + random.Next(12)).Select(_ => random.Next(letters)).ToArray()).ToArray();
            long[] counts = [.. words.Select(_ => (long)random.Next(1, 6))];
            List<string> tokens = [.. Enumerable.Range(0, letters).Select(static i => ((char)('a' + i)).ToString())], slowTokens = [.. tokens];
            var expected = SlowMerges([.. words.Select(static w => w.ToList())], counts, slowTokens, letters + 25);
            var trainer = new MergeTrainer(tokens, string.Empty);

            trainer.Train(words, counts, letters + 25, 2, CancellationToken.None);

            Assert.Equal(expected, trainer.Merges);
            Assert.Equal(slowTokens, tokens);
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Trained_SavedAndLoaded_IsTheSame(bool wordPiece)
    {
        using var folder = new TemporaryFolder();
        var text = Shakespeare(folder);
        var options = new TokenizerTrainingOptions { VocabularySize = 900, Sentinels = 3 };

        var tokenizer = wordPiece ? WordPieceTrainer.Train([text], options) : BpeTrainer.Train([text], options);
        var again = wordPiece ? WordPieceTrainer.Train([text], options) : BpeTrainer.Train([text], options);
        Tokenizers.Save(tokenizer, folder["tokenizer.json"]);
        var loaded = Tokenizers.Load(folder["tokenizer.json"]);

        Assert.Equal(900, tokenizer.VocabularySize);
        Assert.Equal(tokenizer.Fingerprint, again.Fingerprint);
        Assert.Equal(tokenizer.Fingerprint, loaded.Fingerprint);
        Assert.Equal(tokenizer.Special with { Sentinels = [] }, loaded.Special with { Sentinels = [] });
        Assert.Equal(3, loaded.Special.Sentinels.Count);
        Assert.All(loaded.Special.Sentinels, id => Assert.True(loaded.IsSpecial(id)));
        const string Line = "Before we proceed any further, hear me speak. Zürich 北京 😀";
        Assert.Equal(tokenizer.Encode(Line, addSpecial: true).Ids, loaded.Encode(Line, addSpecial: true).Ids);
        if (!wordPiece)
            Assert.Equal(Line, loaded.Decode(loaded.Encode(Line).Ids));
        if (!wordPiece)
            return;
        Tokenizers.SaveVocabulary(tokenizer, folder["vocab.txt"]);
        Assert.Equal(tokenizer.Encode(Line, addSpecial: true).Ids, Tokenizers.Load(folder["vocab.txt"]).Encode(Line, addSpecial: true).Ids);
    }

    [Fact]
    public void VocabularyWithoutRoom_SaysTheLeast()
    {
        using var folder = new TemporaryFolder();
        var error = Assert.Throws<UsageException>(() => BpeTrainer.Train([folder.Write("a.txt", "some text")], new TokenizerTrainingOptions { VocabularySize = 200 }));
        Assert.Contains("257", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void TextOfOneCharacter_GivesTheAlphabet()
    {
        using var folder = new TemporaryFolder();
        var tokenizer = WordPieceTrainer.Train([folder.Write("a.txt", "x")]);
        Assert.Equal(6, tokenizer.VocabularySize);
        Assert.Equal([5], tokenizer.Encode("x").Ids);
        Assert.Equal([1], tokenizer.Encode("xy").Ids);
    }

    private static string Shakespeare(TemporaryFolder folder)
    {
        using var packed = Recorded.Open("shakespeare.txt.gz");
        using var plain = File.Create(folder["shakespeare.txt"]);
        packed.CopyTo(plain);
        return folder["shakespeare.txt"];
    }

    // The definition: count all pairs, join the best everywhere, count again.
    private static List<(int Left, int Right)> SlowMerges(List<int>[] words, long[] counts, List<string> tokens, int size)
    {
        var merges = new List<(int Left, int Right)>();
        while (tokens.Count < size)
        {
            var pairs = new Dictionary<(int Left, int Right), long>();
            for (var w = 0; w < words.Length; w++)
            {
                for (var i = 0; i + 1 < words[w].Count; i++)
                    pairs[(words[w][i], words[w][i + 1])] = pairs.GetValueOrDefault((words[w][i], words[w][i + 1])) + counts[w];
            }

            var best = pairs.OrderByDescending(static p => p.Value).ThenBy(static p => p.Key).FirstOrDefault();
            if (best.Value < 2)
                break;
            merges.Add(best.Key);
            var token = tokens[best.Key.Left] + tokens[best.Key.Right];
            var id = tokens.IndexOf(token);
            if (id < 0)
            {
                id = tokens.Count;
                tokens.Add(token);
            }

            foreach (var word in words)
            {
                for (var i = 0; i + 1 < word.Count; i++)
                {
                    if ((word[i], word[i + 1]) != best.Key)
                        continue;
                    word[i] = id;
                    word.RemoveAt(i + 1);
                }
            }
        }

        return merges;
    }
}
