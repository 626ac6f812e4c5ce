using static Microtome.Torch.torch;

namespace Microtome.Networks;

/// <summary>What all layers of one pass share.</summary>
/// <param name="Bias">Added to the scores of the softmax's heads: masks (negative infinity) and relative positions; broadcasts to [B, h, T, T]. Null: nothing.</param>
/// <param name="Angles">Rotary cosines and sines, or null.</param>
/// <param name="PredictorAngles">The same for the part of a head that chooses Spark's keys.</param>
/// <param name="Visible">For Spark attention: 1 where a key is visible and 0 elsewhere, broadcasts to [B, 1, T, T].</param>
public sealed record AttentionContext(Tensor? Bias, (Tensor Cosine, Tensor Sine)? Angles = null, (Tensor Cosine, Tensor Sine)? PredictorAngles = null, Tensor? Visible = null)
{
    /// <summary>All tensors that are there, for a function that is computed again.</summary>
    internal Tensor[] Tensors => [.. new[] { Bias, Angles?.Cosine, Angles?.Sine, PredictorAngles?.Cosine, PredictorAngles?.Sine, Visible }.OfType<Tensor>()];

    /// <summary>The same with other tensors, in the order of <see cref="Tensors"/>.</summary>
    internal AttentionContext With(ReadOnlySpan<Tensor> tensors)
    {
        int next = 0;
        var bias = Bias is null ? null : tensors[next++];
        (Tensor, Tensor)? angles = Angles is null ? null : (tensors[next++], tensors[next++]);
        (Tensor, Tensor)? predictor = PredictorAngles is null ? null : (tensors[next++], tensors[next++]);
        return new AttentionContext(bias, angles, predictor, Visible is null ? null : tensors[next]);
    }
}
