using Microtome.Networks;

namespace Microtome.Language;

/// <summary>How a text model is trained.</summary>
public sealed record PretrainingOptions
{
    /// <summary>Optimiser steps in all.</summary>
    public int Steps { get; init; } = 1000;

    /// <summary>Texts a step, over all processes.</summary>
    public int Batch { get; init; } = 32;

    /// <summary>Parts in which a process computes its texts, one after the other: memory for time; the step is the same.</summary>
    public int Accumulation { get; init; } = 1;

    /// <summary>Tokens a text.</summary>
    public int Length { get; init; } = 128;

    /// <summary>Highest learning rate.</summary>
    public double LearningRate { get; init; } = 1e-3;

    /// <summary>Steps in which it rises to that; -1: 2 % of all.</summary>
    public int WarmupSteps { get; init; } = -1;

    /// <summary>How it falls.</summary>
    public RateDecay Decay { get; init; }

    /// <summary>Adam's beta 1.</summary>
    public double Beta1 { get; init; } = 0.9;

    /// <summary>Adam's beta 2.</summary>
    public double Beta2 { get; init; } = 0.999;

    /// <summary>Adam's epsilon.</summary>
    public double Epsilon { get; init; } = 1e-6;

    /// <summary>Decoupled weight decay of matrices; norms, biases and the mixes of talking heads have none.</summary>
    public double WeightDecay { get; init; } = 0.01;

    /// <summary>Largest norm of the gradient, with a weight held in common counted once for each of its layers; 0: any.</summary>
    public double ClipNorm { get; init; } = 1;

    /// <summary>Steps between checkpoints.</summary>
    public int CheckpointEvery { get; init; } = 200;

    /// <summary>Steps between lines of metrics.jsonl.</summary>
    public int LogEvery { get; init; } = 10;

    /// <summary>Steps between looks at the held-out texts; 0: only at the end.</summary>
    public int EvaluateEvery { get; init; }

    /// <summary>Seed of weights, order, masks and dropout.</summary>
    public int Seed { get; init; } = 1;

    /// <summary>Whether matrices are multiplied in bfloat16 (CUDA only).</summary>
    public bool MixedPrecision { get; init; }

    /// <summary>Share-then-unshare.</summary>
    public SharingOptions Sharing { get; init; } = new();

    /// <summary>The learning rate of a step, counted from 0.</summary>
    public double RateAt(long step)
    {
        double warmup = Math.Max(1, WarmupSteps >= 0 ? WarmupSteps : Math.Round(0.02 * Steps));
        if (step < warmup)
            return LearningRate * (step + 1) / warmup;
        double left = Math.Clamp((Steps - step) / Math.Max(1.0, Steps - warmup), 0, 1);
        return LearningRate * Decay switch
        {
            RateDecay.Linear => left,
            RateDecay.Cosine => 0.5 * (1 - Math.Cos(Math.PI * left)),
            _ => 1,
        };
    }
}
