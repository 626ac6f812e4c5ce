using System.Diagnostics;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Microtome.Imaging;
using Microtome.Networks;
using Microtome.Torch;

namespace Microtome.Language;

/// <summary>One arm of an experiment with one seed: a model, how it is trained, on what.</summary>
/// <param name="Name">The arm.</param>
/// <param name="Model">Its shape.</param>
/// <param name="Output">What it predicts.</param>
/// <param name="Training">How it is trained.</param>
public sealed record TextTrial(string Name, TransformerOptions Model, TextOutput Output, PretrainingOptions Training)
{
    /// <summary>Steps between records of the gradients' cosines while layers are tied; 0: none.</summary>
    public int RecordCorrelationsEvery { get; init; }

    /// <summary>
    /// Trains and measures. What is done lies in the folder: a trial that was finished before is read, one that was killed goes on. A folder of another trial is begun anew.
    /// </summary>
    public TextTrialResult Run(ReadOnlyMemory<byte> text, string folder, Action<TrainingEvent>? progress, CancellationToken cancellation)
    {
        string path = Path.Combine(folder, $"{Name}-{Training.Seed}"), result = Path.Combine(path, "result.json"), recipe = Path.Combine(path, "trial.json");
        string own = JsonSerializer.Serialize(new { Trial = this, Text = Convert.ToHexStringLower(SHA256.HashData(text.Span)) }, TextModelFolder.Json);
        if (!File.Exists(recipe) || File.ReadAllText(recipe) != own)
        {
            if (Directory.Exists(path))
                Directory.Delete(path, recursive: true);
            AtomicFile.WriteAllText(recipe, own);
        }

        if (File.Exists(result))
            return JsonSerializer.Deserialize<TextTrialResult>(File.ReadAllText(result), TextModelFolder.Json)!;
        torch.manual_seed(Training.Seed);
        using var model = new TextModel(Model, Output);
        var source = new ByteText(text, Output, Training.Batch, Training.Length, Training.Seed);
        using var trainer = new Pretrainer(model, Training, path) { RecordCorrelationsEvery = RecordCorrelationsEvery };
        var curve = new List<double[]>();
        double loss = double.NaN, accuracy = double.NaN;
        long first = trainer.Step;
        var clock = Stopwatch.StartNew();
        trainer.Run(source, line =>
        {
            if (line.HeldOutLoss is { } heldOut)
            {
                (loss, accuracy) = (heldOut, line.HeldOutAccuracy ?? double.NaN);
                curve.Add([line.Step, heldOut]);
            }

            progress?.Invoke(line);
        }, cancellation);
        double seconds = clock.Elapsed.TotalSeconds / Math.Max(1, trainer.Step - first);
        model.Transformer.Watch = null;
        var fractions = Active(model, source);
        var done = new TextTrialResult(loss, accuracy, seconds, model.parameters().Sum(static p => p.numel()), Curve(path), trainer.Correlations.Select(static c => (double[])[c.Step, .. c.Cosines]).ToList(), fractions);
        AtomicFile.WriteAllText(result, JsonSerializer.Serialize(done, TextModelFolder.Json));
        File.Delete(Path.Combine(path, "checkpoint.safetensors"));
        return done;
    }

    // Held-out losses by step, also those of before a restart.
    private static List<double[]> Curve(string path) =>
        [.. File.ReadLines(Path.Combine(path, "metrics.jsonl")).Select(static l => JsonDocument.Parse(l).RootElement)
            .Where(static e => e.TryGetProperty("held_out_loss", out _)).Select(static e => (double[])[e.GetProperty("step").GetDouble(), e.GetProperty("held_out_loss").GetDouble()])];

    // Part of the hidden units that are active on held-out texts, layer by layer, and units that never are.
    private static List<double[]> Active(TextModel model, ByteText source)
    {
        foreach (var layer in model.Transformer.Layers)
            layer.FeedForward.Counting = new ActiveUnits();
        model.eval();
        using (torch.no_grad())
        {
            foreach (var batch in source.HeldOut().Take(4))
            {
                using var scope = torch.NewDisposeScope();
                model.Encode(torch.tensor(batch.Inputs).reshape(batch.Rows, batch.Length));
            }
        }

        return [.. model.Transformer.Layers.Select(static l => (double[])[l.FeedForward.Counting!.Fraction, l.FeedForward.Counting.Dead])];
    }
}
