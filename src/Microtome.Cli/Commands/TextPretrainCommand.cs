using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;
using Microtome.Language;
using Microtome.Learning;
using Microtome.Networks;
using Microtome.Pathology;
using Microtome.Torch;

namespace Microtome.Cli.Commands;

/// <summary><c>text pretrain</c>: trains a text model from plain texts.</summary>
internal static class TextPretrainCommand
{
    public static Command Create()
    {
        var config = new Argument<string>("CONFIG") { Description = "The run: a JSON file (samples/text/bert-mini.json is one)." };
        var launcher = new Option<string>("--launcher") { Description = "none: this process alone. env: one of several, as torchrun's, Slurm's or Open MPI's variables say; they share each batch.", DefaultValueFactory = static _ => "none", HelpName = "KIND" };
        launcher.AcceptOnlyFromAmong("none", "env");
        var command = new Command("pretrain", "Train a text model: masked, causal or span filling. The same command goes on with a run that was stopped.") { config, launcher };
        command.SetAction((result, cancellation) => Task.Run(() => Run(CommonSettings.From(result), result.GetRequiredValue(config), result.GetValue(launcher) == "env", cancellation), cancellation));
        return command;
    }

    private static int Run(CommonSettings settings, string path, bool several, CancellationToken cancellation)
    {
        var config = PretrainingConfig.Read(path);
        if (settings.Seed != 0)
            config = config with { Training = config.Training with { Seed = checked((int)settings.Seed) } };
        string folder = settings.Output ?? Path.GetFileNameWithoutExtension(path) + "-run";
        torch.set_num_threads(settings.Threads);
        NativeMemory.KeepFreed(large: true);
        if (several)
            torch.distributed.init_process_group(settings.Device == "cuda" ? "nccl" : "gloo");
        try
        {
            bool leads = torch.distributed.get_rank() == 0;
            using var held = leads ? OutputLock.Take(Path.Combine(folder, ".run")) : null;
            var device = torch.device(settings.Device == "cuda" && several ? FormattableString.Invariant($"cuda:{Rendezvous.FromEnvironment().LocalRank}") : settings.Device);
            using var run = new PretrainingRun(config, folder, device, cancellation);
            var (training, heldOut, epoch) = run.Corpus;
            if (leads)
                Answer.Log(string.Create(CultureInfo.InvariantCulture, $"{run.Weights:N0} weights; {training:N0} tokens to learn from ({epoch:N0} steps an epoch), {heldOut:N0} held out{(run.Step > 0 ? $"; going on from step {run.Step:N0}" : string.Empty)}"));
            TrainingEvent? last = null;
            run.Run(
                line =>
                {
                    last = line.HeldOutLoss is null ? last : line;
                    if (leads)
                        Answer.Log(Describe(line, config.Training));
                },
                cancellation);
            if (!leads)
                return ExitCode.Done;
            LossCurve.Print(folder);
            if (settings.Json)
            {
                Answer.Json(new JsonObject
                {
                    ["model"] = run.ModelFolder,
                    ["step"] = run.Step,
                    ["held_out_loss"] = Finite(last?.HeldOutLoss),
                    ["held_out_accuracy"] = Finite(last?.HeldOutAccuracy),
                    ["layers"] = last?.Active is { Count: > 0 } active ? new JsonArray([.. active.Select(Units)]) : null,
                });
            }
            else
            {
                foreach (var (index, units) in (last?.Active ?? []).Index())
                    Answer.Line(string.Create(CultureInfo.InvariantCulture, $"layer {index + 1}: {units.Fraction:P1} of the hidden units are active for a token; {units.Dead:N0} of {units.Fired.Count:N0} never were on the held-out texts"));
                Answer.Line($"The model is in {run.ModelFolder}.");
            }

            return ExitCode.Done;
        }
        finally
        {
            if (several)
                torch.distributed.destroy_process_group();
        }
    }

    private static JsonNode Units(ActiveUnits units) => new JsonObject { ["active"] = Math.Round(units.Fraction, 5), ["dead"] = units.Dead, ["units"] = units.Fired.Count };

    private static JsonNode? Finite(double? value) => value is { } v && double.IsFinite(v) ? v : null;

    private static string Describe(TrainingEvent line, PretrainingOptions options)
    {
        if (line.HeldOutLoss is { } heldOut)
            return string.Create(CultureInfo.InvariantCulture, $"step {line.Step:N0}: held-out loss {heldOut:F4} nats, {line.HeldOutAccuracy:P1} predicted exactly");
        var left = TimeSpan.FromSeconds((options.Steps - line.Step) * (double)options.Batch * options.Length / Math.Max(1, line.TokensPerSecond));
        return string.Create(CultureInfo.InvariantCulture, $"step {line.Step:N0} of {options.Steps:N0}: loss {line.Loss:F4}, {line.TokensPerSecond:N0} tokens/s, {(int)left.TotalHours}:{left:mm\\:ss} left");
    }
}
