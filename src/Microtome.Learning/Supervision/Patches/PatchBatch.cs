namespace Microtome.Learning.Supervision.Patches;

/// <summary>A batch of labelled patches.</summary>
/// <param name="Count">Patches in the batch, N.</param>
/// <param name="Side">Side of a patch in pixels of the network's input, S.</param>
/// <param name="Pictures">Shape [N, 3, S, S], 0..1, not yet normalised.</param>
/// <param name="Labels">Shape [N]: the class of each patch.</param>
/// <param name="Weights">Shape [N]: weight of each patch in the loss; 0 where the rule leaves it undecided.</param>
/// <param name="Cells">Shape [N, kinds, S / 4, S / 4] (rounded up), 0..1: where cells of each kind lie; null when the labels do not say.</param>
public sealed record PatchBatch(int Count, int Side, float[] Pictures, long[] Labels, float[] Weights, float[]? Cells)
{
    /// <summary>Shape [N], for two classes: the probability of the second that shall be learned, instead of <see cref="Labels"/>; null where labels are what is learned.</summary>
    public float[]? Targets { get; init; }
}
