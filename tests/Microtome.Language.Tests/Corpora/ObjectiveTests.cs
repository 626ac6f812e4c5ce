namespace Microtome.Language.Tests;

public sealed class ObjectiveTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Masked_KeepsProportionsAndLabels(bool wholeWords)
    {
        using var corpus = new Corpus(2000);
        var objective = new MaskedLanguageObjective(corpus.Tokenizer, new MaskedLanguageOptions { Length = 66, WholeWords = wholeWords, Seed = 11 });
        var sampler = new BatchSampler(corpus.File, new BatchSamplerOptions { WindowLength = objective.WindowLength, BatchSize = 16, Seed = 2 });
        var window = new int[64];
        int masked = 0, replaced = 0, left = 0;
        for (var step = 0; step < 60; step++)
        {
            var batch = objective.Draw(sampler, step);
            for (var row = 0; row < 16; row++)
            {
                sampler.ReadWindow(sampler.WindowOf(step, row), window);
                var inputs = batch.Inputs.AsSpan(row * 66, 66);
                var targets = batch.Targets.AsSpan(row * 66, 66);
                Assert.Equal((2, 3), (inputs[0], inputs[65]));
                Assert.Equal((-100, -100), (targets[0], targets[65]));
                var learnt = 0;
                for (var i = 0; i < 64; i++)
                {
                    if (targets[i + 1] == -100)
                    {
                        Assert.Equal(window[i], inputs[i + 1]);
                        continue;
                    }

                    learnt++;
                    Assert.Equal(window[i], targets[i + 1]);
                    if (inputs[i + 1] == 4)
                        masked++;
                    else if (inputs[i + 1] == window[i])
                        left++;
                    else
                        replaced++;
                    Assert.True(inputs[i + 1] == 4 || !corpus.Tokenizer.IsSpecial((int)inputs[i + 1]));
                }

                // round(0.15 * 64) of 64, exactly.
                Assert.Equal(10, learnt);
            }
        }

        // 9,600 draws: six standard deviations of a share of 0.8 are 0.025.
        double all = masked + replaced + left;
        Assert.InRange(masked / all, 0.775, 0.825);
        Assert.InRange(replaced / all, 0.08, 0.12);
        Assert.InRange(left / all, 0.08, 0.12);
    }

    [Fact]
    public void Masked_WholeWords_AreMaskedAsWholes_AndSpecialTokensNever()
    {
        using var folder = new TemporaryFolder();
        var tokenizer = Corpus.MakeTokenizer(folder);
        int a = tokenizer.Id("##a")!.Value, b = tokenizer.Id("##b")!.Value, word = tokenizer.Id("w7")!.Value;
        var objective = new MaskedLanguageObjective(tokenizer, new MaskedLanguageOptions { Length = 62, WholeWords = true, Share = 0.3 });
        // Words of one, two and three tokens, a separator within.
        int[] window = [.. Enumerable.Repeat((int[])[word, a, b, word, word, a], 10).SelectMany(static w => w)];
        window[30] = 3;
        var seen = new int[60];
        for (var step = 0; step < 300; step++)
        {
            var batch = objective.Make(window, step, 0);
            var chosen = Enumerable.Range(0, 60).Select(i => batch.Targets[i + 1] != -100).ToArray();
            Assert.False(chosen[30]);
            Assert.InRange(chosen.Count(static c => c), 16, 18);
            for (var i = 1; i < 60; i++)
            {
                seen[i] += chosen[i] ? 1 : 0;
                if (i is not (30 or 31) && !tokenizer.IsWordStart(window[i]))
                    Assert.Equal(chosen[i - 1], chosen[i]);
            }
        }

        // Every word has its turn; of 59 tokens 18 are chosen.
        Assert.All(Enumerable.Range(1, 59).Where(static i => i != 30), i => Assert.InRange(seen[i], 40, 160));
    }

    [Fact]
    public void Masked_OneToken_IsChosen()
    {
        using var folder = new TemporaryFolder();
        var tokenizer = Corpus.MakeTokenizer(folder);
        var objective = new MaskedLanguageObjective(tokenizer, new MaskedLanguageOptions { Length = 3, WholeWords = true });
        var batch = objective.Make([60], 0, 0);
        Assert.Equal([-100, 60, -100], batch.Targets);
        // Nothing but special tokens: nothing to learn, and no failure.
        Assert.Equal(0, objective.Make([3], 0, 0).LearntPlaces);
    }

    [Fact]
    public void Batches_DependOnSeedAndStepAlone()
    {
        using var corpus = new Corpus(300);
        var sampler = new BatchSampler(corpus.File, new BatchSamplerOptions { WindowLength = 30, BatchSize = 6, Seed = 1 });
        MaskedLanguageObjective Make(long seed) => new(corpus.Tokenizer, new MaskedLanguageOptions { Length = 32, Seed = seed });
        var forward = Enumerable.Range(0, 8).Select(step => Make(5).Draw(sampler, step).Inputs).ToArray();
        var objective = Make(5);
        var backward = Enumerable.Range(0, 8).Reverse().Select(step => objective.Draw(sampler, step).Inputs).Reverse().ToArray();

        Assert.Equal(forward, backward);
        // Two processes' parts are the whole.
        var parts = objective.Draw(sampler, 3, 0, 2).Inputs.Concat(objective.Draw(sampler, 3, 2, 4).Inputs);
        Assert.Equal(forward[3], parts);
        Assert.NotEqual(forward[3], Make(6).Draw(sampler, 3).Inputs);
        Assert.NotEqual(forward[3], forward[4]);
    }

    [Fact]
    public void Causal_TargetsAreTheNextTokens_AndWindowsJoinWithoutGap()
    {
        using var corpus = new Corpus(100);
        var objective = new CausalObjective(10);
        var sampler = new BatchSampler(corpus.File, new BatchSamplerOptions { WindowLength = objective.WindowLength, Stride = objective.Stride, BatchSize = 1, Shuffle = false });
        var all = new int[corpus.File.Count];
        corpus.File.Read(0, all);
        for (var step = 0; step < sampler.Windows; step++)
        {
            var batch = objective.Draw(sampler, step);
            Assert.Equal(all.Skip(step * 10).Take(10).Select(static i => (long)i), batch.Inputs);
            Assert.Equal(all.Skip((step * 10) + 1).Take(10).Select(static i => (long)i), batch.Targets);
        }
    }

    // Published lengths of T5 (512 inputs): 568 tokens of text, 114 of answer.
    [Theory]
    [InlineData(512, 568, 114)]
    [InlineData(64, 70, 14)]
    public void Span_HasT5Lengths(int input, int text, int answer)
    {
        using var folder = new TemporaryFolder();
        var objective = new SpanObjective(Corpus.MakeTokenizer(folder), new SpanOptions { InputLength = input });
        Assert.Equal((text, input, answer), (objective.WindowLength, objective.InputTokens, objective.AnswerTokens));
    }

    [Theory]
    [InlineData(SpanForm.EncoderDecoder)]
    [InlineData(SpanForm.SingleStream)]
    public void Span_FilledBackIn_IsTheText(SpanForm form)
    {
        using var folder = new TemporaryFolder();
        var tokenizer = Corpus.MakeTokenizer(folder);
        var sentinels = tokenizer.Special.Sentinels;
        var objective = new SpanObjective(tokenizer, new SpanOptions { InputLength = 64, Form = form, Seed = 9 });
        int[] window = [.. Enumerable.Range(0, objective.WindowLength).Select(static i => 50 + i)];
        double noisy = 0;
        var firsts = new HashSet<int>();
        for (var step = 0; step < 200; step++)
        {
            var batch = objective.Make(window, step, 1);
            long[] input, answer;
            if (form == SpanForm.EncoderDecoder)
            {
                (input, answer) = (batch.Inputs, batch.Targets);
                Assert.Equal([0, .. answer[..^1]], batch.DecoderInputs!);
            }
            else
            {
                Assert.Null(batch.DecoderInputs);
                input = batch.Inputs[..64];
                answer = [batch.Inputs[64], .. batch.Targets[64..]];
                Assert.All(batch.Targets[..63], static t => Assert.Equal(-100, t));
                Assert.Equal(answer[0], batch.Targets[63]);
                Assert.Equal(batch.Inputs[64..], answer[..^1]);
            }

            Assert.Equal((3, 3), (input[^1], answer[^1]));
            var text = new List<long>();
            var spans = 0;
            foreach (var token in input[..^1])
            {
                var sentinel = sentinels.Count > spans && token == sentinels[spans];
                if (!sentinel)
                {
                    text.Add(token);
                    continue;
                }

                var from = Array.IndexOf(answer, token);
                var to = Array.FindIndex(answer, from + 1, t => t == 3 || sentinels.Contains((int)t));
                Assert.True(to - from > 1);
                text.AddRange(answer[(from + 1)..to]);
                noisy += to - from - 1;
                spans++;
            }

            Assert.Equal(window.Select(static i => (long)i), text);
            Assert.Equal(3, spans);
            firsts.Add(Array.IndexOf(input, (long)sentinels[0]));
        }

        // round(0.15 * 70) of 70.
        Assert.Equal(10, noisy / 200);
        Assert.True(firsts.Count > 20);
    }

    [Fact]
    public void Objectives_WithoutTheirTokens_SayWhichAreMissing()
    {
        Assert.Contains("mask token", Assert.Throws<TextException>(() => new MaskedLanguageObjective(Recorded.Gpt2, new MaskedLanguageOptions { Length = 16 })).Message, StringComparison.Ordinal);
        Assert.Contains("sentinels", Assert.Throws<TextException>(() => new SpanObjective(Recorded.Bert, new SpanOptions { InputLength = 64 })).Message, StringComparison.Ordinal);
    }
}
