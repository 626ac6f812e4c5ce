using Microtome.Torch;
using static Microtome.Torch.torch;
using static Microtome.Torch.torch.nn;

namespace Microtome.Learning.Supervision.Patches;

/// <summary>The loss of a patch classifier.</summary>
public sealed record PatchLoss
{
    /// <summary>
    /// Whether each class has a cross-entropy of its own (sigmoid, til-thresholds section 4) instead of one over all classes (softmax). With two classes and sigmoids, p0 + p1 need not be 1, and
    /// a threshold found with one kind must not be used with the other.
    /// </summary>
    public bool IndependentClasses { get; init; }

    /// <summary>Share of the target that is spread over all classes.</summary>
    public double LabelSmoothing { get; init; } = 0.04;

    /// <summary>Weight of the cell maps' cross-entropy.</summary>
    public double Cells { get; init; } = 5;

    /// <summary>The loss of a batch.</summary>
    /// <param name="logits">[N, classes].</param>
    /// <param name="cells">Logits of the cell maps [N, kinds, h, w], or null.</param>
    /// <param name="batch">The labels.</param>
    /// <returns>A scalar.</returns>
    public Tensor Compute(Tensor logits, Tensor? cells, PatchBatch batch)
    {
        using var scope = NewDisposeScope();
        var (count, classes) = (logits.shape[0], logits.shape[1]);
        var target = batch.Targets is { } given
            ? Pairs(given)
            : functional.one_hot(tensor(batch.Labels), classes).to(ScalarType.Float32) * (1 - LabelSmoothing) + (LabelSmoothing / classes);
        var weights = tensor(batch.Weights);
        var each = IndependentClasses
            ? functional.binary_cross_entropy_with_logits(logits, target, reduction: Reduction.None).sum([1])
            : -(functional.log_softmax(logits, 1) * target).sum([1]);
        var loss = (each * weights).sum() / count;
        if (cells is not null && batch.Cells is not null)
            loss = loss + (functional.binary_cross_entropy_with_logits(cells, tensor(batch.Cells, [.. cells.shape])) * Cells);
        return loss.MoveToOuterDisposeScope();
    }

    private static Tensor Pairs(float[] targets)
    {
        var pairs = new float[2 * targets.Length];
        for (var i = 0; i < targets.Length; i++)
            (pairs[2 * i], pairs[(2 * i) + 1]) = (1 - targets[i], targets[i]);
        return tensor(pairs, [targets.Length, 2]);
    }
}
