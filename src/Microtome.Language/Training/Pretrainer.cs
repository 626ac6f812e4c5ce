using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using Microtome.Learning.Supervision;
using Microtome.Learning.Training;
using Microtome.Networks;
using Microtome.Torch;
using Microtome.Torch.Modules;
using static Microtome.Torch.torch;

namespace Microtome.Language;

/// <summary>
/// Trains a <see cref="TextModel"/>. The run's folder holds checkpoint.safetensors, replaced as a whole, and metrics.jsonl. A run that was killed goes on from its last checkpoint and takes the
/// same steps to the last bit (on the same number of threads). Several processes of one launcher share each batch and take the steps that one process would.
/// </summary>
public sealed class Pretrainer : IDisposable
{
    private readonly TextModel model;
    private readonly PretrainingOptions options;
    private readonly string folder;
    private readonly SharedLayers? layers;
    private readonly SharingSchedule schedule;
    private readonly SharedOptimizer optimizer;
    private readonly Device device;
    private readonly FeedForward[] counted;
    private long? untiedAt;

    /// <summary>Takes a model with fresh weights; goes on from the checkpoint in the folder when there is one.</summary>
    /// <param name="model">On the device on which it shall be trained.</param>
    /// <param name="options">How.</param>
    /// <param name="folder">The run's folder; it is made.</param>
    /// <exception cref="TextException">The checkpoint is of another model or cannot be read.</exception>
    public Pretrainer(TextModel model, PretrainingOptions options, string folder)
    {
        (this.model, this.options, this.folder) = (model, options, folder);
        device = model.parameters().First().device;
        Directory.CreateDirectory(folder);
        schedule = new SharingSchedule(options.Sharing);
        counted = [.. model.Transformer.Layers.Select(static l => l.FeedForward).Where(static f => f.HasIdleUnits)];
        var saved = PretrainingCheckpoint.ReadState(CheckpointPath);
        if (saved is not null)
            layers = saved.Groups is null ? null : new SharedLayers(model.Transformer.Layers, saved.Groups);
        else if (options.Sharing.Kind != SharingKind.Never)
            layers = new SharedLayers(model.Transformer.Layers, options.Sharing.Unit);
        optimizer = new SharedOptimizer(model, options, layers);
        if (saved is not null)
        {
            PretrainingCheckpoint.Load(CheckpointPath, model, optimizer.Adam);
            schedule.Restore(saved.Schedule);
            (Step, untiedAt) = (saved.Step, saved.UntiedAt);
        }
        else
        {
            // All processes begin with the first one's weights.
            if (distributed.get_world_size() > 1)
            {
                foreach (var parameter in model.parameters())
                    distributed.broadcast(parameter, 0);
            }
        }

        TrimMetrics();
    }

    /// <summary>Steps done.</summary>
    public long Step { get; private set; }

    /// <summary>Layers that hold their weights in common, or null when none ever did.</summary>
    public SharedLayers? Layers => layers;

    /// <summary>Cosines of neighbouring layers' gradients, by step, as far as this process saw them.</summary>
    public List<(long Step, double[] Cosines)> Correlations { get; } = [];

    /// <summary>Whether correlations are measured at other steps than the schedule's, for a record of them; 0: no.</summary>
    public int RecordCorrelationsEvery { get; init; }

    private string CheckpointPath => Path.Combine(folder, "checkpoint.safetensors");

    private string MetricsPath => Path.Combine(folder, "metrics.jsonl");

    private static bool Leads => distributed.get_rank() == 0;

    /// <summary>Trains until all steps are done.</summary>
    /// <param name="source">Where the batches come from.</param>
    /// <param name="progress">Told after each logged step and each look at the held-out texts.</param>
    /// <param name="cancellation">Writes a checkpoint and stops.</param>
    /// <exception cref="DivergedException">The loss is no number any more; the last checkpoint stands.</exception>
    public void Run(ITextSource source, Action<TrainingEvent>? progress, CancellationToken cancellation)
    {
        var clock = Stopwatch.StartNew();
        double sum = 0;
        long since = Step;
        while (Step < options.Steps)
        {
            if (cancellation.IsCancellationRequested)
            {
                Save();
                cancellation.ThrowIfCancellationRequested();
            }

            model.train();
            double loss, norm;
            Count((Step + 1) % options.LogEvery == 0);
            using (NewDisposeScope())
                (loss, norm) = Advance(source.Training(Step));
            sum += loss;
            if (Step % options.LogEvery == 0 || Step == options.Steps)
            {
                double tokens = options.Batch * options.Length * (Step - since) / clock.Elapsed.TotalSeconds;
                var line = new TrainingEvent(Step, sum / (Step - since), tokens);
                Log(string.Create(CultureInfo.InvariantCulture, $"{{\"step\":{Step},\"loss\":{line.Loss:R},\"tokens_per_s\":{tokens:F1},\"learning_rate\":{Rate(Step - 1):G6},\"gradient_norm\":{norm:G6}{Active()}}}"));
                progress?.Invoke(line);
                (sum, since) = (0, Step);
                clock.Restart();
            }

            if ((options.EvaluateEvery > 0 && Step % options.EvaluateEvery == 0) || Step == options.Steps)
            {
                Count(true);
                var (heldOut, accuracy) = Evaluate(source.HeldOut());
                // Not a number where nothing is held out: there is nothing to tell.
                if (double.IsFinite(heldOut))
                {
                    Log(string.Create(CultureInfo.InvariantCulture, $"{{\"step\":{Step},\"held_out_loss\":{heldOut:R},\"held_out_accuracy\":{accuracy:R}{Active(dead: true)}}}"));
                    progress?.Invoke(new TrainingEvent(Step, double.NaN, 0, heldOut, accuracy, [.. counted.Select(static f => f.Counting!)]));
                }

                Count(false);
                clock.Restart();
                (sum, since) = (0, Step);
            }

            if (Step % options.CheckpointEvery == 0 || Step == options.Steps)
                Save();
        }
    }

    /// <summary>Mean loss (nats) and accuracy over all predicted places of some texts.</summary>
    public (double Loss, double Accuracy) Evaluate(IEnumerable<TextBatch> texts)
    {
        using var off = no_grad();
        model.eval();
        double loss = 0, correct = 0;
        long count = 0;
        foreach (var batch in texts)
        {
            using var scope = NewDisposeScope();
            var (value, right, places) = model.Loss(Tokens(batch.Inputs, batch), Tokens(batch.Targets, batch));
            loss += value.item<float>() * places;
            correct += right.item<long>();
            count += places;
        }

        return count == 0 ? (double.NaN, double.NaN) : (loss / count, correct / count);
    }

    /// <inheritdoc/>
    public void Dispose() => optimizer.Dispose();

    private double Rate(long step) => options.RateAt(step) *
        (untiedAt is { } at && options.Sharing.State == UntieState.Reset ? Math.Min(1, (step - at + 1) / (double)Math.Max(1, options.Sharing.ResetWarmup)) : 1);

    private (double Loss, double Norm) Advance(TextBatch batch)
    {
        int world = distributed.get_world_size(), rank = distributed.get_rank();
        if (batch.Rows % (world * options.Accumulation) != 0)
            throw new ArgumentException($"A batch of {batch.Rows} texts cannot be shared evenly by {world} processes in {options.Accumulation} parts each.");
        optimizer.ZeroGrad();

        // The same random numbers in the same step, wherever the run begins.
        manual_seed(StepSeed.Of(options.Seed, Step, rank));
        int rows = batch.Rows / world / options.Accumulation, all = Math.Max(1, batch.LearntPlaces);
        double loss = 0;
        for (int part = 0; part < options.Accumulation; part++)
        {
            using var scope = NewDisposeScope();
            var piece = batch.Slice(((rank * options.Accumulation) + part) * rows, rows);
            var (inputs, targets) = (Tokens(piece.Inputs, piece), Tokens(piece.Targets, piece));
            using var mixed = options.MixedPrecision && device.type == DeviceType.CUDA ? autocast(DeviceType.CUDA) : null;
            var (value, _, count) = model.Loss(inputs, targets);

            // The sum over all places by their number: neither the parts nor the processes change the step. average_gradients divides by the processes.
            (value * ((double)count * world / all)).backward();
            double current = value.item<float>();
            if (!double.IsFinite(current))
                throw Diverged($"the loss became {current.ToString(CultureInfo.InvariantCulture)}", piece);
            loss += current * count / all;
        }

        bool looks = layers is { Tied: true } && (schedule.Looks(Step) || (RecordCorrelationsEvery > 0 && Step % RecordCorrelationsEvery == 0));
        if (layers is { Tied: true })
        {
            if (looks && world > 1)
                distributed.average_gradients(model.parameters());
            var correlations = looks ? layers.Correlations() : null;
            if (correlations is not null)
                Note(correlations);
            var cuts = schedule.Cuts(Step, layers, schedule.Looks(Step) ? correlations : null);
            if (cuts.Count > 0)
            {
                optimizer.Cut(cuts, layers.SquaredNorms());
                untiedAt ??= Step;
                Log(string.Create(CultureInfo.InvariantCulture, $"{{\"step\":{Step},\"groups\":{layers.Groups.Count}}}"));
            }

            layers.AverageGradients();
            if (!looks)
                distributed.average_gradients(optimizer.Parameters);
        }
        else
        {
            distributed.average_gradients(optimizer.Parameters);
        }

        if (world > 1)
        {
            var total = tensor(loss);
            distributed.all_reduce(total);
            loss = total.item<double>();
        }

        double norm = optimizer.Clip();
        if (!double.IsFinite(norm))
            throw Diverged("a gradient became infinite or no number", null);
        optimizer.Step(Rate(Step));
        Step++;
        return (loss, norm);
    }

    // Anew, or not at all: a count costs a pass over the hidden units.
    private void Count(bool on)
    {
        foreach (var layer in counted)
            layer.Counting = on ? new ActiveUnits() : null;
    }

    // By layer: the part of the hidden units that are active for a token, and how many never were.
    private string Active(bool dead = false)
    {
        if (counted.Length == 0 || counted[0].Counting is null)
            return string.Empty;
        string parts = string.Join(',', counted.Select(static f => f.Counting!.Fraction.ToString("F5", CultureInfo.InvariantCulture)));
        return $",\"active\":[{parts}]" + (dead ? $",\"dead\":[{string.Join(',', counted.Select(static f => f.Counting!.Dead))}]" : string.Empty);
    }

    private Tensor Tokens(long[] values, TextBatch batch) => tensor(values).reshape(batch.Rows, batch.Length).to(device);

    private void Note(IReadOnlyList<double[]> correlations)
    {
        double[] all = [.. correlations.SelectMany(static c => c)];
        Correlations.Add((Step, all));
        Log(new JsonObject { ["step"] = Step, ["gradient_cosines"] = new JsonArray([.. all.Select(static c => (JsonNode)Math.Round(c, 4))]) }.ToJsonString());
    }

    private DivergedException Diverged(string what, TextBatch? batch)
    {
        string where = NonFinite.Find(model, batch is null ? null : Tokens(batch.Inputs, batch));
        string stands = File.Exists(CheckpointPath) ? $"The checkpoint of step {PretrainingCheckpoint.ReadState(CheckpointPath)?.Step} stands" : "There is no checkpoint yet";
        return new DivergedException(string.Create(CultureInfo.InvariantCulture, $"At step {Step} {what}: {where}. {stands}. Lower the learning rate ({options.LearningRate:G3}), lengthen the warm-up or clip gradients, and begin again."));
    }

    private void Log(string line)
    {
        if (Leads)
            File.AppendAllText(MetricsPath, line + "\n");
    }

    private void Save()
    {
        if (!Leads)
            return;
        try
        {
            PretrainingCheckpoint.Save(CheckpointPath, model, optimizer.Adam, new PretrainingState(Step, layers?.Groups, schedule.Save(), untiedAt));
        }
        // A file that would pass a limit is an ArgumentOutOfRangeException to .NET.
        catch (Exception e) when (e is IOException or ArgumentOutOfRangeException)
        {
            string why = Imaging.DiskSpace.IsExhausted(e) ? "there is no room for it" : e.Message, before = File.Exists(CheckpointPath) ? " The one before it stands." : string.Empty;
            throw new IOException($"{CheckpointPath}: the checkpoint of step {Step} could not be written ({why}).{before} Make room and run the same command again.", e);
        }
    }

    // What a killed run logged after its last checkpoint is done again.
    private void TrimMetrics()
    {
        if (!Leads || !File.Exists(MetricsPath))
            return;
        var values = new List<KeyValuePair<string, double>>();
        var kept = File.ReadLines(MetricsPath).Where(line => Step > 0 && TrainingMetrics.TryParse(Encoding.UTF8.GetBytes(line), out long step, values) && step <= Step);
        Imaging.AtomicFile.WriteAllText(MetricsPath, string.Concat(kept.Select(static l => l + "\n").ToList()));
    }
}
