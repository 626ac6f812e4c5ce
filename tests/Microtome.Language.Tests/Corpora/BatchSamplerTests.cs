namespace Microtome.Language.Tests;

public sealed class BatchSamplerTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(64)]
    [InlineData(1000)]
    [InlineData(4097)]
    public void Permutation_IsOne_AndAnotherForAnotherKey(int count)
    {
        var first = Enumerable.Range(0, count).Select(i => new KeyedPermutation(count, 7, 0).At(i)).ToArray();
        var second = Enumerable.Range(0, count).Select(i => new KeyedPermutation(count, 7, 1).At(i)).ToArray();

        Assert.Equal(Enumerable.Range(0, count).Select(static i => (long)i), first.Order());
        if (count >= 64)
        {
            Assert.NotEqual(first, second);
            // A random order has about one fixed place and half of the steps go up.
            Assert.True(first.Where(static (value, i) => value == i).Count() < 10);
            Assert.InRange(first.Zip(first.Skip(1)).Count(static p => p.Second > p.First) / (double)count, 0.3, 0.7);
        }
    }

    [Fact]
    public void Permutation_PutsEveryItemAnywhere()
    {
        // 6 places, 3000 keys: every cell of the table is near 500 (six standard deviations are 122).
        var table = new int[6, 6];
        for (var key = 0; key < 3000; key++)
        {
            for (var i = 0; i < 6; i++)
                table[i, new KeyedPermutation(6, key, 3).At(i)]++;
        }

        Assert.All(table.Cast<int>(), static n => Assert.InRange(n, 378, 622));
    }

    [Fact]
    public void Epoch_DrawsEveryWindowOnce_WhateverTheOrderOfAsking()
    {
        using var corpus = new Corpus(97);
        var sampler = new BatchSampler(corpus.File, new BatchSamplerOptions { WindowLength = 5, BatchSize = 4, Seed = 3 });

        var forward = Enumerable.Range(0, (int)sampler.Windows).Select(i => sampler.WindowOf(i / 4, i % 4)).ToArray();
        var backward = Enumerable.Range(0, (int)sampler.Windows).Reverse().Select(i => sampler.WindowOf(i / 4, i % 4)).Reverse().ToArray();

        Assert.Equal(forward, backward);
        Assert.Equal(Enumerable.Range(0, forward.Length).Select(static i => (long)i), forward.Order());
        Assert.NotEqual(forward.Order(), forward);
        Assert.Equal((sampler.Windows + 3) / 4, sampler.StepsPerEpoch);
        var other = new BatchSampler(corpus.File, new BatchSamplerOptions { WindowLength = 5, BatchSize = 4, Seed = 4 });
        Assert.NotEqual(forward, Enumerable.Range(0, forward.Length).Select(i => other.WindowOf(i / 4, i % 4)));
    }

    [Theory]
    [InlineData(SplitKind.Hash)]
    [InlineData(SplitKind.Last)]
    public void Split_PartsTheDocuments_AndWindowsReadOnlyTheirs(SplitKind kind)
    {
        using var corpus = new Corpus(240);
        BatchSampler Sampler(bool heldOut) => new(corpus.File, new BatchSamplerOptions { WindowLength = 1, BatchSize = 1, Shuffle = false, HeldOutShare = 0.2, Split = kind, HeldOut = heldOut });
        int[] Tokens(BatchSampler sampler)
        {
            var one = new int[1];
            return [.. Enumerable.Range(0, (int)sampler.Windows).Select(i =>
            {
                sampler.ReadWindow(i, one);
                return one[0];
            })];
        }

        var (train, held) = (Sampler(false), Sampler(true));

        Assert.Equal(corpus.File.Documents, train.SplitDocuments + held.SplitDocuments);
        Assert.Equal(corpus.File.Count, train.Tokens + held.Tokens);
        // The corpus counts its documents up: document d has d + 1 words, at most 9.
        Assert.InRange(held.Tokens / (double)corpus.File.Count, 0.1, 0.3);
        var all = new int[corpus.File.Count];
        corpus.File.Read(0, all);
        var trained = Tokens(train).ToList();
        var kept = Tokens(held).ToList();
        Assert.Equal(all.Order(), trained.Concat(kept).Order());
        if (kind == SplitKind.Last)
            Assert.Equal(all, trained.Concat(kept));
        // Whole documents: rebuild each part from the table of documents.
        Assert.Equal(held.SplitDocuments, corpus.CountWholeDocuments(kept));
    }

    [Fact]
    public void Windows_AcrossDocuments_AreTheConcatenation()
    {
        using var corpus = new Corpus(60);
        var options = new BatchSamplerOptions { WindowLength = 7, Stride = 6, BatchSize = 1, Shuffle = false, HeldOutShare = 0.5, HeldOut = true };
        var single = new BatchSampler(corpus.File, options with { WindowLength = 1, Stride = 1 });
        var tokens = new int[single.Windows];
        for (var i = 0; i < tokens.Length; i++)
            single.ReadWindow(i, tokens.AsSpan(i, 1));
        var sampler = new BatchSampler(corpus.File, options);
        var window = new int[7];
        for (var i = 0; i < sampler.Windows; i++)
        {
            sampler.ReadWindow(i, window);
            Assert.Equal(tokens.AsSpan(i * 6, 7).ToArray(), window);
        }

        Assert.True(tokens.Length - ((sampler.Windows * 6) + 1) < 6);
    }

    [Fact]
    public void TooLittleText_SaysHowMuchThereIs()
    {
        using var folder = new TemporaryFolder();
        using var file = TokenFile.Build(folder["a.tokens"], [folder.Write("a.txt", "word")], Recorded.Bert);
        var error = Assert.Throws<TextException>(() => new BatchSampler(file, new BatchSamplerOptions { WindowLength = 128, BatchSize = 8 }));
        Assert.Contains("1 tokens in 1 documents, and one window needs 128", error.Message, StringComparison.Ordinal);
    }
}
