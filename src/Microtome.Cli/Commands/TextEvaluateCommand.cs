using System.CommandLine;
using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using Microtome.Imaging;
using Microtome.Language;
using Microtome.Torch;

namespace Microtome.Cli.Commands;

/// <summary><c>text evaluate</c>: measures a model that has learnt a task.</summary>
internal static class TextEvaluateCommand
{
    private const int Batch = 32;

    public static Command Create()
    {
        var model = new Argument<string>("MODEL") { Description = "A folder that 'text finetune' wrote." };
        var data = new Argument<string>("FILE") { Description = "Examples with labels, as the task has them." };
        var command = new Command("evaluate", "Measure a model that has learnt a task; -o FILE writes its answers.") { model, data };
        command.SetAction((result, cancellation) => Task.Run(() => Run(CommonSettings.From(result), result.GetRequiredValue(model), result.GetRequiredValue(data), cancellation), cancellation));
        return command;
    }

    internal static JsonObject Describe(IReadOnlyDictionary<string, double> measures) => new([.. measures.Select(static m => KeyValuePair.Create<string, JsonNode?>(m.Key, double.IsFinite(m.Value) ? m.Value : null))]);

    private static int Run(CommonSettings settings, string folder, string path, CancellationToken cancellation)
    {
        torch.set_num_threads(settings.Threads);
        using var head = TaskHead.Load(folder);
        IReadOnlyDictionary<string, double> measures;
        var answers = new StringBuilder();
        if (head.Task is { } task)
        {
            var examples = TextDataset.Read(path, task.IsRegression ? task : task with { Labels = head.Labels });
            measures = Finetuner.Measure(head, examples, Batch, cancellation);
            if (settings.Output is not null)
            {
                foreach (float[] scores in head.Predict(examples.Examples, Batch, cancellation))
                    answers.Append(task.IsRegression ? scores[0].ToString("R", CultureInfo.InvariantCulture) : head.Labels[Array.IndexOf(scores, scores.Max())]).Append('\n');
            }
        }
        else
        {
            (measures, var predictions) = Finetuner.Measure(head, SquadDataset.Read(path), Batch, cancellation);
            answers.Append(new JsonObject([.. predictions.Select(static p => KeyValuePair.Create<string, JsonNode?>(p.Id, p.Text))]).ToJsonString()).Append('\n');
        }

        if (settings.Output is { } output)
            AtomicFile.WriteAllText(output, answers.ToString());
        if (settings.Json)
            Answer.Json(new JsonObject { ["measures"] = Describe(measures) });
        else
            Answer.Line(string.Join('\n', measures.Select(static m => string.Create(CultureInfo.InvariantCulture, $"{m.Key}: {m.Value:F4}"))));
        return ExitCode.Done;
    }
}
