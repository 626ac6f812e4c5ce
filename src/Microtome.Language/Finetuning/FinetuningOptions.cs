namespace Microtome.Language;

/// <summary>How a pretrained model learns a task (arXiv 1810.04805, appendix A.3; the share-then-unshare paper's recipe).</summary>
public sealed record FinetuningOptions
{
    /// <summary>Times that all examples are seen.</summary>
    public int Epochs { get; init; } = 3;

    /// <summary>Examples a step.</summary>
    public int Batch { get; init; } = 32;

    /// <summary>Tokens of an example at most.</summary>
    public int Length { get; init; } = 128;

    /// <summary>Peak learning rates that are tried; the one that is best on the validation examples is kept.</summary>
    public IReadOnlyList<double> LearningRates { get; init; } = [2e-5, 5e-5, 1e-4];

    /// <summary>Part of the steps in which the rate rises; then it falls in a straight line to zero.</summary>
    public double WarmupShare { get; init; } = 0.1;

    /// <summary>Decoupled weight decay of matrices.</summary>
    public double WeightDecay { get; init; } = 0.01;

    /// <summary>Largest norm of the gradient.</summary>
    public double ClipNorm { get; init; } = 1;

    /// <summary>Dropout before the head.</summary>
    public double Dropout { get; init; } = 0.1;

    /// <summary>Seed of head, order and dropout.</summary>
    public int Seed { get; init; } = 1;
}
