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

    /// <summary>Highest learning rate; it rises over <see cref="WarmupSteps"/> and falls along a half cosine to zero.</summary>
    public double LearningRate { get; init; } = 2e-3;

    /// <summary>Steps of the linear rise.</summary>
    public int WarmupSteps { get; init; } = 100;

    /// <summary>Decoupled weight decay (AdamW, arXiv 1711.05101).</summary>
    public double WeightDecay { get; init; } = 1e-3;

    /// <summary>Largest norm of the gradient; a larger one is scaled down.</summary>
    public double ClipNorm { get; init; } = 5;

    /// <summary>Decay of the running average of the weights, which is what is kept as the model.</summary>
    public double AverageDecay { get; init; } = 0.998;

    /// <summary>Steps between checkpoints.</summary>
    public int CheckpointEvery { get; init; } = 100;

    /// <summary>Steps between lines of metrics.jsonl.</summary>
    public int LogEvery { get; init; } = 25;

    /// <summary>Seed of the weights and of the crops.</summary>
    public int Seed { get; init; } = 1;

    /// <summary>The learning rate of a step.</summary>
    public double RateAt(long step) =>
        LearningRate * Math.Min(1, (step + 1.0) / WarmupSteps) * 0.5 * (1 + Math.Cos(Math.PI * step / Steps));
}
