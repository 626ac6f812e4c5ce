using System.Globalization;
using System.Text.Json;
using Microtome.Imaging;
using Microtome.Learning.Supervision;
using Microtome.Torch;
using static Microtome.Torch.torch;
using static Microtome.Torch.torch.nn;

namespace Microtome.Language;

/// <summary>Teaches a pretrained model a task, with several learning rates, and keeps the one that is best on the validation examples.</summary>
public sealed class Finetuner(string model, FinetuningOptions options, string folder)
{
    /// <summary>Classes or scores of texts and pairs (GLUE).</summary>
    public IReadOnlyList<FinetuningTrial> Sentences(TextDataset training, TextDataset validation, Action<string>? progress, CancellationToken cancellation) => Run(
        rate => TaskHead.Fresh(model, training.Task, training.Labels, options),
        training.Examples.Count,
        (head, rows) =>
        {
            var examples = rows.Select(r => training.Examples[r]).ToList();
            var scores = head.Forward(TextFeatures.Encode(head.Tokenizer, examples, head.Length));
            return training.Task.IsRegression
                ? functional.mse_loss(scores.squeeze(-1), tensor(examples.Select(static e => (float)e.Score).ToArray()))
                : functional.cross_entropy(scores, tensor(examples.Select(static e => (long)e.Label).ToArray()));
        },
        head => Measure(head, validation, options.Batch, cancellation),
        progress,
        cancellation);

    /// <summary>Answers in passages (SQuAD).</summary>
    public IReadOnlyList<FinetuningTrial> Answers(SquadDataset training, SquadDataset validation, Action<string>? progress, CancellationToken cancellation)
    {
        IReadOnlyList<SpanWindow>? windows = null;
        return Run(
            rate =>
            {
                var head = TaskHead.Fresh(model, null, [], options);
                windows ??= SpanWindows.Make(head.Tokenizer, training.Questions, new SpanWindowOptions { Length = head.Length, Stride = head.Length / 3 });
                return head;
            },
            -1,
            (head, rows) =>
            {
                var part = rows.Select(r => windows![r]).ToList();
                var scores = head.Forward(part);
                return (functional.cross_entropy(scores.select(2, 0), tensor(part.Select(static w => (long)w.AnswerStart).ToArray()))
                    + functional.cross_entropy(scores.select(2, 1), tensor(part.Select(static w => (long)w.AnswerEnd).ToArray()))) / 2;
            },
            head => Measure(head, validation, options.Batch, cancellation).Measures,
            progress,
            cancellation,
            () => windows!.Count);
    }

    /// <summary>The task's measures of a model on examples with labels.</summary>
    public static IReadOnlyDictionary<string, double> Measure(TaskHead head, TextDataset data, int batch, CancellationToken cancellation)
    {
        var scores = head.Predict(data.Examples, batch, cancellation);
        return data.Task.IsRegression
            ? TextMetrics.Measure(data.Task, [.. data.Examples.Select(static e => e.Score)], [.. scores.Select(static s => (double)s[0])])
            : TextMetrics.Measure(data.Task, [.. data.Examples.Select(static e => e.Label)], [.. scores.Select(static s => Array.IndexOf(s, s.Max()))]);
    }

    /// <summary>Exact match and F1 of answers, and the answers.</summary>
    public static (IReadOnlyDictionary<string, double> Measures, IReadOnlyList<AnswerPrediction> Answers) Measure(TaskHead head, SquadDataset data, int batch, CancellationToken cancellation)
    {
        var windows = SpanWindows.Make(head.Tokenizer, data.Questions, new SpanWindowOptions { Length = head.Length, Stride = head.Length / 3 });
        var (starts, ends) = head.Predict(windows, batch, cancellation);
        var answers = AnswerReader.Read(data.Questions, windows, starts, ends, new AnswerOptions { MayBeImpossible = data.HasImpossible });
        var scores = SquadMetrics.Measure(data.Questions, answers.ToDictionary(static a => a.Id, static a => a.Text, StringComparer.Ordinal));
        return (new Dictionary<string, double>(StringComparer.Ordinal) { ["f1"] = scores.F1, ["exact_match"] = scores.ExactMatch }, answers);
    }

    private List<FinetuningTrial> Run(Func<double, TaskHead> fresh, int count, Func<TaskHead, int[], Tensor> loss, Func<TaskHead, IReadOnlyDictionary<string, double>> measure, Action<string>? progress, CancellationToken cancellation, Func<int>? lateCount = null)
    {
        var trials = new List<FinetuningTrial>();
        double best = double.NegativeInfinity;
        foreach (double rate in options.LearningRates)
        {
            using var head = fresh(rate);
            int examples = lateCount?.Invoke() ?? count;
            if (examples == 0)
                throw new TextException("There are no examples to learn from.");
            double last = Train(head, examples, rate, loss, progress, cancellation);
            var measures = measure(head);
            trials.Add(new FinetuningTrial(rate, last, measures));
            progress?.Invoke(string.Create(CultureInfo.InvariantCulture, $"learning rate {rate:G3}: {string.Join(", ", measures.Select(static m => string.Create(CultureInfo.InvariantCulture, $"{m.Key} {m.Value:F4}")))}"));
            double figure = measures.Values.First();
            if (figure > best || trials.Count == 1)
            {
                best = figure;
                head.Save(folder);
            }

            AtomicFile.WriteAllText(Path.Combine(folder, "finetuning.json"), JsonSerializer.Serialize(new { model, options, trials }, TextModelFolder.Json) + "\n");
        }

        return trials;
    }

    private double Train(TaskHead head, int count, double rate, Func<TaskHead, int[], Tensor> loss, Action<string>? progress, CancellationToken cancellation)
    {
        var parameters = head.Model.parameters().ToList();
        using var adam = optim.AdamW([new ParamGroup(parameters.Where(static p => p.dim() > 1), rate, options.WeightDecay), new ParamGroup(parameters.Where(static p => p.dim() <= 1), rate)], eps: 1e-6);
        int epochSteps = ((count - 1) / options.Batch) + 1, steps = epochSteps * options.Epochs, step = 0;
        double warmup = Math.Max(1, options.WarmupShare * steps), mean = double.NaN;
        for (int epoch = 0; epoch < options.Epochs; epoch++)
        {
            int[] order = [.. Enumerable.Range(0, count)];
            new Random(StepSeed.Of(options.Seed, epoch, 7)).Shuffle(order);
            double sum = 0;
            foreach (int[] rows in order.Chunk(options.Batch))
            {
                cancellation.ThrowIfCancellationRequested();
                using var scope = NewDisposeScope();
                head.Model.train();
                manual_seed(StepSeed.Of(options.Seed, step, 0));
                adam.LearningRate = rate * (step < warmup ? (step + 1) / warmup : Math.Max(0, (steps - step) / Math.Max(1.0, steps - warmup)));
                adam.zero_grad();
                var value = loss(head, rows);
                double current = value.item<float>();
                if (!double.IsFinite(current))
                    throw new DivergedException(string.Create(CultureInfo.InvariantCulture, $"The loss became {current} at step {step} with the learning rate {rate:G3}. Leave that rate out."));
                value.backward();
                utils.clip_grad_norm_(parameters, options.ClipNorm);
                adam.step();
                sum += current * rows.Length;
                step++;
            }

            mean = sum / count;
            progress?.Invoke(string.Create(CultureInfo.InvariantCulture, $"learning rate {rate:G3}, epoch {epoch + 1} of {options.Epochs}: loss {mean:F4}"));
        }

        return mean;
    }
}
