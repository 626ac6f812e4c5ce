using System.Diagnostics;
using System.Globalization;
using Microtome.Torch;
using Microtome.Torch.Modules;
using static Microtome.Torch.torch;
using static Microtome.Torch.torch.nn;

namespace Microtome.Learning.Training;

/// <summary>
/// Trains a network and keeps a running average of its weights. The run folder holds checkpoint.safetensors (weights, average, optimiser state, step)
/// and metrics.jsonl, and in kept/ the averages of chosen steps; a run that was killed goes on from its last checkpoint.
/// </summary>
/// <typeparam name="TBatch">What the supervision draws.</typeparam>
public sealed class Trainer<TBatch> : IDisposable
{
    private readonly Module<Tensor, Tensor> network;
    private readonly TrainingOptions options;
    private readonly string folder;
    private Optimizer optimizer;
    private readonly Dictionary<string, Tensor> average = new(StringComparer.Ordinal);
    private bool headOnly;

    /// <summary>Takes a network with fresh weights; continues from the checkpoint in the run folder when there is one.</summary>
    public Trainer(Module<Tensor, Tensor> network, TrainingOptions options, string folder)
    {
        this.network = network;
        this.options = options;
        this.folder = folder;
        Directory.CreateDirectory(folder);
        optimizer = Fresh();
        foreach (var (name, tensor) in network.state_dict())
            average[name] = tensor.detach().clone().DetachFromDisposeScope();
        if (File.Exists(CheckpointPath))
            Step = TrainingCheckpoint.Load(CheckpointPath, network, average, optimizer);
    }

    /// <summary>Steps done.</summary>
    public long Step { get; private set; }

    /// <summary>The averaged weights by name.</summary>
    public IReadOnlyDictionary<string, Tensor> Average => average;

    /// <summary>The weights that were kept, by step, in ascending order.</summary>
    public IReadOnlyList<(long Step, string Path)> Kept => Directory.Exists(KeptFolder)
        ? [.. Directory.EnumerateFiles(KeptFolder, "*.safetensors").Select(static path => (long.Parse(Path.GetFileNameWithoutExtension(path), CultureInfo.InvariantCulture), path)).Order()]
        : [];

    private string KeptFolder => Path.Combine(folder, "kept");

    private string CheckpointPath => Path.Combine(folder, "checkpoint.safetensors");

    /// <summary>Trains until <see cref="TrainingOptions.Steps"/> are done.</summary>
    /// <param name="next">The batch of the next step.</param>
    /// <param name="loss">The loss of a batch; it runs the network.</param>
    /// <param name="progress">Told after each logged step: step, mean loss, seconds a step.</param>
    /// <param name="cancellation">Writes a checkpoint and stops.</param>
    public void Run(Func<TBatch> next, Func<Module<Tensor, Tensor>, TBatch, Tensor> loss, Action<long, double, double>? progress, CancellationToken cancellation)
    {
        network.train();
        foreach (var norm in network.modules().OfType<BatchNorm>().Where(_ => options.FreezeNorms))
            norm.eval();
        var clock = Stopwatch.StartNew();
        var sum = 0.0;
        var since = Step;
        while (Step < options.Steps)
        {
            if (cancellation.IsCancellationRequested)
            {
                Save();
                cancellation.ThrowIfCancellationRequested();
            }

            if (options.RestartEvery > 0 && Step > 0 && Step % options.RestartEvery == 0)
            {
                optimizer.Dispose();
                optimizer = Fresh();
            }

            LearnHeadOnly(Step < options.HeadOnlySteps);
            var batch = next();
            using (NewDisposeScope())
            {
                foreach (var group in optimizer.ParamGroups)
                    group.LearningRate = options.RateAt(Step);
                optimizer.zero_grad();
                var value = loss(network, batch);
                value.backward();
                if (options.ClipNorm > 0)
                    utils.clip_grad_norm_(network.parameters().Where(static p => p.requires_grad), options.ClipNorm);
                optimizer.step();
                var current = value.item<float>();
                if (!float.IsFinite(current))
                    throw new InvalidOperationException($"The loss became {current} at step {Step}: lower the learning rate ({options.LearningRate}).");
                sum += current;
                Step++;
                UpdateAverage();
            }

            if (Step % options.LogEvery == 0 || Step == options.Steps)
            {
                var seconds = clock.Elapsed.TotalSeconds / (Step - since);
                File.AppendAllText(Path.Combine(folder, "metrics.jsonl"), string.Create(CultureInfo.InvariantCulture,
                    $"{{\"step\":{Step},\"loss\":{sum / (Step - since):F6},\"learning_rate\":{options.RateAt(Step - 1):G6},\"seconds_per_step\":{seconds:F4}}}\n"));
                progress?.Invoke(Step, sum / (Step - since), seconds);
                (sum, since) = (0, Step);
                clock.Restart();
            }

            if (options.KeepEvery > 0 && (Step % options.KeepEvery == 0 || Step == options.Steps))
                Safetensors.Save(Path.Combine(Directory.CreateDirectory(KeptFolder).FullName, string.Create(CultureInfo.InvariantCulture, $"{Step:D8}.safetensors")), average);
            if (Step % options.CheckpointEvery == 0 || Step == options.Steps)
                Save();
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var tensor in average.Values)
            tensor.Dispose();
        optimizer.Dispose();
    }

    private Optimizer Fresh() => options.Optimizer switch
    {
        OptimizerKind.Adam => optim.Adam(network.parameters(), options.LearningRate, weight_decay: options.WeightDecay),
        OptimizerKind.Sgd => optim.SGD(network.parameters(), options.LearningRate, options.Momentum, weight_decay: options.WeightDecay),
        _ => optim.AdamW(network.parameters(), options.LearningRate, weight_decay: options.WeightDecay),
    };

    // Parameters that need no gradient get none, and the optimisers pass over those.
    private void LearnHeadOnly(bool only)
    {
        if (options.HeadOnlySteps == 0 || only == headOnly)
            return;
        headOnly = only;
        var head = network.modules().OfType<Linear>().LastOrDefault()
            ?? throw new InvalidOperationException("Only the last layer shall learn at first, but the network has no linear layer.");
        foreach (var parameter in network.parameters())
            parameter.requires_grad = !only;
        foreach (var parameter in head.parameters())
            parameter.requires_grad = true;
        optimizer.zero_grad();
    }

    private void Save() => TrainingCheckpoint.Save(CheckpointPath, Step, network, average, optimizer);

    private void UpdateAverage()
    {
        // Early on the average follows quickly, or the random start would stay in it for long.
        var decay = Math.Min(options.AverageDecay, (1.0 + Step) / (10 + Step));
        using var noGrad = no_grad();
        foreach (var (name, tensor) in network.state_dict())
        {
            if (tensor.is_floating_point())
                average[name].lerp_(tensor, 1 - decay);
            else
                average[name].copy_(tensor);
        }
    }
}
