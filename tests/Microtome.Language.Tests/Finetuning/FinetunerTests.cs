using System.Text;
using Microtome.Networks;
using static Microtome.Torch.torch;

namespace Microtome.Language.Tests;

[Collection("torch")]
public sealed class FinetunerTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("finetuner 调 ").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    // A task that words decide: a few steps learn it, and what is saved answers the same.
    [Fact]
    public void Sentences_AreLearnt_AndTheSavedModelAnswersTheSame()
    {
        string model = Pretrained();
        var random = new Random(2);
        string Table(int rows) => "sentence\tlabel\n" + string.Concat(Enumerable.Range(0, rows).Select(_ => random.Next(2) is var y ? $"{Words(random)} {(y == 1 ? "good" : "bad")} {Words(random)}\t{y}\n" : string.Empty));
        string train = Write("train.tsv", Table(160)), check = Write("check.tsv", Table(60));
        string tuned = Path.Combine(folder, "tuned");
        var task = TextTask.Named("sst2");
        var options = new FinetuningOptions { Epochs = 4, Batch = 16, Length = 16, LearningRates = [1e-6, 3e-3], Dropout = 0 };
        var trials = new Finetuner(model, options, tuned).Sentences(TextDataset.Read(train, task), TextDataset.Read(check, task), null, CancellationToken.None);
        Assert.Equal(2, trials.Count);
        Assert.True(trials[1].Measures.Values.First() > 0.9, $"{trials[1].Measures.Values.First()}");
        Assert.True(trials[1].Measures.Values.First() > trials[0].Measures.Values.First());
        using var head = TaskHead.Load(tuned);
        Assert.Equal(trials[1].Measures, Finetuner.Measure(head, TextDataset.Read(check, task), 16, CancellationToken.None));
        File.Delete(Path.Combine(tuned, "head.safetensors"));
        Assert.Contains("head.safetensors", Assert.Throws<TextException>(() => TaskHead.Load(tuned)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Answers_AreLearnt()
    {
        string model = Pretrained();
        var random = new Random(3);
        string Squad(int rows)
        {
            var entries = new StringBuilder();
            for (int i = 0; i < rows; i++)
            {
                // The answer is the word behind "key".
                string before = Words(random), answer = new[] { "red", "blue", "green" }[random.Next(3)];
                string context = $"{before} key {answer} {Words(random)}";
                entries.Append(i == 0 ? string.Empty : ",").Append($"{{\"context\":\"{context}\",\"qas\":[{{\"id\":\"q{i}\",\"question\":\"which key\",\"answers\":[{{\"text\":\"{answer}\",\"answer_start\":{context.IndexOf("key " + answer, StringComparison.Ordinal) + 4}}}]}}]}}");
            }

            return $"{{\"version\":\"1.1\",\"data\":[{{\"title\":\"t\",\"paragraphs\":[{entries}]}}]}}";
        }

        string train = Write("train.json", Squad(120)), check = Write("check.json", Squad(30));
        var options = new FinetuningOptions { Epochs = 8, Batch = 12, Length = 32, LearningRates = [3e-3], Dropout = 0 };
        var trial = new Finetuner(model, options, Path.Combine(folder, "squad")).Answers(SquadDataset.Read(train), SquadDataset.Read(check), null, CancellationToken.None)[0];
        Assert.True(trial.Measures["f1"] > 80, $"{trial.Measures["f1"]}");
    }

    private static string Words(Random random) => string.Join(' ', Enumerable.Range(0, 1 + random.Next(4)).Select(_ => new[] { "cat", "dog", "sat", "mat", "the" }[random.Next(5)]));

    private string Write(string name, string text)
    {
        string path = Path.Combine(folder, name);
        File.WriteAllText(path, text);
        return path;
    }

    private string Pretrained()
    {
        string model = Path.Combine(folder, "model");
        Directory.CreateDirectory(model);
        File.WriteAllText(Path.Combine(model, "vocab.txt"), string.Join('\n', ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "cat", "dog", "sat", "mat", "the", "good", "bad", "key", "red", "blue", "green", "which"]) + "\n");
        manual_seed(1);
        using var text = new TextModel(new TransformerOptions { Layers = 2, Width = 32, Heads = 4, Vocabulary = 17, MaxLength = 40, SegmentKinds = 2, NormPlacement = NormPlacement.Post, NormalizeEmbeddings = true, InitialDeviation = 0 }, TextOutput.MaskedToken);
        TextModelFolder.Save(model, text);
        return model;
    }
}
