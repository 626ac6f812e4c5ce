using System.Text.Json.Serialization;

namespace Microtome.Learning.Training;

/// <summary>How a network is trained.</summary>
public sealed record TrainingOptions
{
    /// <summary>Optimiser steps in all.</summary>
    public int Steps { get; init; } = 4000;

    /// <summary>Crops a step.</summary>
    public int Batch { get; init; } = 8;

    /// <summary>Side of a crop, pixels.</summary>
    public int CropSize { get; init; } = 256;

    /// <summary>Highest learning rate; by <see cref="LearningRateSchedule.Cosine"/> it rises over <see cref="WarmupSteps"/> and falls along a half cosine to zero.</summary>
    public double LearningRate { get; init; } = 2e-3;

    /// <summary>Steps of the linear rise.</summary>
    public int WarmupSteps { get; init; } = 100;

    /// <summary>Decoupled weight decay (AdamW, arXiv 1711.05101).</summary>
    public double WeightDecay { get; init; } = 1e-3;

    /// <summary>Largest norm of the gradient; a larger one is scaled down. 0: gradients stay as they are.</summary>
    public double ClipNorm { get; init; } = 5;

    /// <summary>Decay of the running average of the weights, which is what is kept as the model.</summary>
    public double AverageDecay { get; init; } = 0.998;

    /// <summary>Steps between checkpoints.</summary>
    public int CheckpointEvery { get; init; } = 100;

    /// <summary>Steps between lines of metrics.jsonl.</summary>
    public int LogEvery { get; init; } = 25;

    /// <summary>Seed of the weights and of the crops.</summary>
    public int Seed { get; init; } = 1;

    // What follows is left out of the text that guards a run's options while it has its default: older runs go on.

    /// <summary>The optimiser.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public OptimizerKind Optimizer { get; init; }

    /// <summary>Momentum of stochastic gradient descent.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public double Momentum { get; init; }

    /// <summary>How the learning rate goes.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public LearningRateSchedule Schedule { get; init; }

    /// <summary>For <see cref="LearningRateSchedule.Stairs"/>: from a step on, the rate is <see cref="LearningRate"/> times a factor; in ascending order.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<RateStair>? Stairs { get; init; }

    /// <summary>First steps in which only the last linear layer learns.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public int HeadOnlySteps { get; init; }

    /// <summary>Steps after which the optimiser forgets its averages and begins anew; 0: never.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public int RestartEvery { get; init; }

    /// <summary>Steps between weights that are kept for a choice afterwards, in the run's folder <c>kept</c>; 0: none are.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public int KeepEvery { get; init; }

    /// <summary>Whether batch norms keep the statistics they have: for going on with a trained network on few samples, which would spoil them.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool FreezeNorms { get; init; }

    /// <summary>The learning rate of a step.</summary>
    public double RateAt(long step) => Schedule switch
    {
        LearningRateSchedule.Constant => LearningRate,
        LearningRateSchedule.Stairs => LearningRate * ((Stairs ?? []).LastOrDefault(stair => step >= stair.FromStep)?.Factor ?? 1),
        _ => LearningRate * Math.Min(1, (step + 1.0) / WarmupSteps) * 0.5 * (1 + Math.Cos(Math.PI * step / Steps)),
    };
}
