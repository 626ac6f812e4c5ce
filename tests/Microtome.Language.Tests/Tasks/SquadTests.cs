namespace Microtome.Language.Tests;

public sealed class SquadTests
{
    private const string File = """
        {"version":"v2.0","data":[{"title":"T","paragraphs":[{"context":"A 😀 tumor of the breast was found in 2019.","qas":[
          {"id":"q1","question":"Where?","answers":[{"text":"the breast","answer_start":13},{"text":"breast","answer_start":17}]},
          {"id":"q2","question":"Who?","is_impossible":true,"answers":[]},
          {"id":"q3","question":"When?","answers":[{"text":"2019","answer_start":3}]}]}]}]}
        """;

    [Fact]
    public void Measures_AreTheRecordedOnes()
    {
        foreach (var row in Recorded.Json("metrics.json.gz").GetProperty("answers").EnumerateArray())
        {
            string a = row.GetProperty("a").GetString()!, b = row.GetProperty("b").GetString()!;
            Assert.Equal(row.GetProperty("normalized").GetString(), SquadMetrics.Normalize(a));
            Assert.Equal(row.GetProperty("exact").GetBoolean(), SquadMetrics.ExactMatch(a, b));
            Assert.Equal(row.GetProperty("f1").GetDouble(), SquadMetrics.F1(a, b), 12);
        }
    }

    [Fact]
    public void File_IsRead_WithPlacesInUtf16()
    {
        using var folder = new TemporaryFolder();
        var data = SquadDataset.Read(folder.Write("dev.json", File));
        Assert.True(data.HasImpossible);
        Assert.Equal(["q1", "q2", "q3"], data.Questions.Select(static q => q.Id));
        var first = data.Questions[0];
        Assert.All(first.Answers, answer => Assert.Equal(answer.Text, first.Context.Substring(answer.Start, answer.Text.Length)));
        Assert.True(data.Questions[1].IsImpossible);
        // It does not stand where the file says.
        Assert.Equal(-1, data.Questions[2].Answers[0].Start);
    }

    [Theory]
    [InlineData("{}", "data is missing")]
    [InlineData("{\"data\":[]}", "has no questions")]
    [InlineData("{\"data\":[{\"paragraphs\":[{\"context\":5,\"qas\":[]}]}]}", "data[0].paragraphs[0].context must be a string")]
    [InlineData("{\"data\":[{\"paragraphs\":[{\"context\":\"c\",\"qas\":[{\"id\":\"1\",\"question\":\"q\",\"answers\":[{\"text\":\"c\",\"answer_start\":\"0\"}]}]}]}]}", "answer_start must be a whole number")]
    [InlineData("{\"data\":[{\"paragraphs\":[{\"context\":\"c\",\"qas\":[{\"id\":\"1\",\"question\":\"q\"},{\"id\":\"1\",\"question\":\"q\"}]}]}]}", "'1' stands there twice")]
    [InlineData("", "is empty")]
    [InlineData("x", "is no JSON")]
    public void BadFile_SaysWhereAndWhy(string text, string message)
    {
        using var folder = new TemporaryFolder();
        var error = Assert.Throws<TextException>(() => SquadDataset.Read(folder.Write("dev.json", text)));
        Assert.Contains(message, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Measure_TakesTheBestAnswer_AndTheEmptyOneWhereThereIsNone()
    {
        using var folder = new TemporaryFolder();
        var questions = SquadDataset.Read(folder.Write("dev.json", File)).Questions;
        var scores = SquadMetrics.Measure(questions, new Dictionary<string, string>(StringComparer.Ordinal) { ["q1"] = "a left breast", ["q2"] = string.Empty });
        // q1: F1 of {left, breast} against {breast} is 2/3; q2 right; q3 missing.
        Assert.Equal(100 / 3.0, scores.ExactMatch, 10);
        Assert.Equal(100 * (2 / 3.0 + 1) / 3, scores.F1, 10);
        Assert.Equal((0.0, 100.0, 1), (scores.AnswerableExactMatch!.Value, scores.Impossible!.Value, scores.Missing));
        Assert.Equal(100 / 3.0, scores.AnswerableF1!.Value, 10);
    }

    [Fact]
    public void Windows_CoverThePassage_AndPointAtTheAnswer()
    {
        var words = Enumerable.Range(0, 60).Select(static i => i == 33 ? "metastasis" : "tissue").ToArray();
        var context = string.Join(' ', words);
        var start = context.IndexOf("metastasis", StringComparison.Ordinal);
        var question = new SquadQuestion("q", "What was found there?", context, [new SquadAnswer("metastasis", start)], false);

        var windows = SpanWindows.Make(Recorded.Bert, [question], new SpanWindowOptions { Length = 32, Stride = 10, QuestionLength = 3 });

        // 3 + 3 tokens around: 26 for the passage, a new window every 10 until its end is shown.
        var passage = Recorded.Bert.Encode(context).Count;
        Assert.Equal(1 + (int)Math.Ceiling((passage - 26) / 10.0), windows.Count);
        var best = new Dictionary<int, int>();
        var found = 0;
        foreach (var window in windows)
        {
            Assert.True(window.Ids.Length <= 32);
            Assert.Equal(Recorded.Bert.Encode("What was found").Ids, window.Ids[1..4]);
            for (var i = 0; i < window.Ids.Length; i++)
            {
                Assert.Equal(window.Types[i] == 1 && window.Ids[i] != 102, window.Starts[i] >= 0);
                if (window.HasMostContext[i])
                    best[window.Starts[i]] = best.GetValueOrDefault(window.Starts[i]) + 1;
            }

            if (window.AnswerStart == 0)
                continue;
            found++;
            Assert.Equal("metastasis", context[window.Starts[window.AnswerStart]..window.Ends[window.AnswerEnd]]);
        }

        Assert.InRange(found, 1, 3);
        // Every token has its most context in exactly one window.
        Assert.Equal(passage, best.Count);
        Assert.All(best.Values, static n => Assert.Equal(1, n));
    }

    [Fact]
    public void Answers_EqualTryingAllPairs()
    {
        var context = string.Join(' ', Enumerable.Range(0, 40).Select(static i => $"{(char)('a' + (i % 26))}{i % 7}"));
        SquadQuestion[] questions = [new("q0", "What?", context, [], false), new("q1", "Why so?", context[..30], [], false)];
        var windows = SpanWindows.Make(Recorded.Bert, questions, new SpanWindowOptions { Length = 40, Stride = 12 });
        Assert.True(windows.Count > 3);
        var random = new Random(6);
        for (var round = 0; round < 40; round++)
        {
            float[][] starts = [.. windows.Select(w => w.Ids.Select(_ => (float)(random.NextDouble() * 10)).ToArray())], ends = [.. windows.Select(w => w.Ids.Select(_ => (float)(random.NextDouble() * 10)).ToArray())];
            var options = new AnswerOptions { Best = 500, MaximumLength = 5, MayBeImpossible = true, NullThreshold = -4 };

            var answers = AnswerReader.Read(questions, windows, starts, ends, options);

            for (var q = 0; q < 2; q++)
            {
                double best = double.NegativeInfinity, none = double.PositiveInfinity;
                var text = string.Empty;
                for (var w = 0; w < windows.Count; w++)
                {
                    if (windows[w].Question != q)
                        continue;
                    none = Math.Min(none, (double)starts[w][0] + ends[w][0]);
                    for (var s = 0; s < starts[w].Length; s++)
                    {
                        for (var e = s; e < Math.Min(ends[w].Length, s + 5); e++)
                        {
                            if (windows[w].Starts[s] < 0 || windows[w].Starts[e] < 0 || !windows[w].HasMostContext[s] || (double)starts[w][s] + ends[w][e] <= best)
                                continue;
                            best = (double)starts[w][s] + ends[w][e];
                            text = context[windows[w].Starts[s]..windows[w].Ends[e]];
                        }
                    }
                }

                Assert.Equal(none - best, answers[q].NullScore, 10);
                Assert.Equal(none - best > -4 ? string.Empty : text, answers[q].Text);
                Assert.Equal(1, answers[q].Best.Sum(static b => b.Probability), 10);
                Assert.Equal(Math.Max(best, none), answers[q].Best[0].Score, 10);
                Assert.Single(answers[q].Best, static b => b.Start == -1);
            }
        }
    }
}
