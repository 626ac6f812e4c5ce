using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;
using Microtome.Imaging;
using Microtome.Language;
using Microtome.Learning;
using Microtome.Torch;

namespace Microtome.Cli.Commands;

/// <summary><c>text finetune</c>: teaches a pretrained model a task.</summary>
internal static class TextFinetuneCommand
{
    public static Command Create()
    {
        var defaults = new FinetuningOptions();
        var model = new Argument<string>("MODEL") { Description = "The pretrained model's folder." };
        var task = Task();
        var training = new Option<string>("--train") { Description = "Examples to learn from: a tab-separated table, for squad SQuAD's JSON.", Required = true, HelpName = "FILE" };
        var validation = new Option<string>("--validation") { Description = "Examples that choose the learning rate.", Required = true, HelpName = "FILE" };
        var epochs = new Option<int>("--epochs") { Description = "Times that all examples are seen.", DefaultValueFactory = _ => defaults.Epochs, HelpName = "N" };
        var batch = new Option<int>("--batch") { Description = "Examples a step.", DefaultValueFactory = _ => defaults.Batch, HelpName = "N" };
        var length = new Option<int>("--length") { Description = "Tokens of an example at most.", DefaultValueFactory = _ => defaults.Length, HelpName = "N" };
        var rates = new Option<double[]>("--learning-rate") { Description = "Peak learning rates to try.", DefaultValueFactory = _ => [.. defaults.LearningRates], HelpName = "X", AllowMultipleArgumentsPerToken = true };
        var command = new Command("finetune", "Teach a pretrained model a task: classes or scores of texts and pairs, answers in passages.") { model, task, training, validation, epochs, batch, length, rates };
        command.SetAction((result, cancellation) => System.Threading.Tasks.Task.Run(
            () =>
            {
                var settings = CommonSettings.From(result);
                torch.set_num_threads(settings.Threads);
                NativeMemory.KeepFreed(large: true);
                string folder = settings.Output ?? "finetuned";
                var options = defaults with
                {
                    Epochs = Positive(result.GetValue(epochs), "--epochs"),
                    Batch = Positive(result.GetValue(batch), "--batch"),
                    Length = Positive(result.GetValue(length), "--length"),
                    LearningRates = result.GetValue(rates)!,
                    Seed = settings.Seed == 0 ? 1 : checked((int)settings.Seed),
                };
                var tuner = new Finetuner(result.GetRequiredValue(model), options, folder);
                string name = result.GetRequiredValue(task), train = result.GetRequiredValue(training), check = result.GetRequiredValue(validation);
                IReadOnlyList<FinetuningTrial> trials;
                if (name == "squad")
                {
                    trials = tuner.Answers(SquadDataset.Read(train), SquadDataset.Read(check), Answer.Log, cancellation);
                }
                else
                {
                    var learnt = TextDataset.Read(train, TextTask.Named(name));
                    trials = tuner.Sentences(learnt, TextDataset.Read(check, learnt.Task with { Labels = learnt.Task.IsRegression ? [] : learnt.Labels }), Answer.Log, cancellation);
                }

                if (settings.Json)
                    Answer.Json(new JsonObject { ["model"] = folder, ["trials"] = new JsonArray([.. trials.Select(static t => (JsonNode)new JsonObject { ["learning_rate"] = t.LearningRate, ["loss"] = t.Loss, ["measures"] = TextEvaluateCommand.Describe(t.Measures) })]) });
                else
                    Answer.Line($"The model is in {folder}.");
                return ExitCode.Done;
            },
            cancellation));
        return command;
    }

    internal static Option<string> Task()
    {
        var task = new Option<string>("--task") { Description = $"The task: {string.Join(", ", TextTask.Glue.Select(static t => t.Name))}, squad.", Required = true, HelpName = "NAME" };
        return task;
    }

    private static int Positive(int value, string option) =>
        value > 0 ? value : throw new UsageException(string.Create(CultureInfo.InvariantCulture, $"{option} is {value}; it must be at least 1."));
}
