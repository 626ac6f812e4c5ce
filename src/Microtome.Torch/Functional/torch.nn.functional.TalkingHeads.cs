namespace Microtome.Torch;

public static partial class torch
{
    public static partial class nn
    {
        public static partial class functional
        {
            /// <summary>Whether <see cref="talking_softmax"/> takes these: 32-bit numbers on a CPU, and a bias that needs no gradient.</summary>
            public static bool talking_softmax_runs(Tensor scores, Tensor? bias) =>
                scores.device.type == DeviceType.CPU && scores.dtype == ScalarType.Float32 && scores.dim() == 4 && (bias is null || (!bias.requires_grad && bias.dtype == ScalarType.Float32 && bias.dim() == 4));

            /// <summary>
            /// Talking heads in one pass over the scores (arXiv 2003.02436): softmax(P_l^T scores + bias) P_w, head by head of one query at a time, so that nothing between lies in memory.
            /// </summary>
            /// <param name="scores">[B, h_k, N, M], 32-bit, on a CPU.</param>
            /// <param name="logits">P_l [h_k, h], or null: the scores as they are.</param>
            /// <param name="weights">P_w [h, h_v], or null: the softmax as it is.</param>
            /// <param name="bias">Broadcasts to [B, h, N, M]; negative infinity hides. It gets no gradient.</param>
            /// <returns>[B, h_v, N, M].</returns>
            public static Tensor talking_softmax(Tensor scores, Tensor? logits, Tensor? weights, Tensor? bias = null)
            {
                List<Tensor> inputs = [scores];
                if (logits is not null)
                    inputs.Add(logits);
                if (weights is not null)
                    inputs.Add(weights);
                return new TalkingSoftmax(logits is not null, weights is not null, bias).apply([.. inputs])[0];
            }

            private sealed class TalkingSoftmax(bool hasLogits, bool hasWeights, Tensor? bias) : autograd.Function
            {
                protected override Tensor[] forward(Tensor[] inputs)
                {
                    var scores = inputs[0].contiguous();
                    Tensor? logits = hasLogits ? inputs[1] : null, weights = hasWeights ? inputs[^1] : null;
                    var (result, attention) = Operator.Two("microtome::talking_softmax", scores, logits, weights, bias);
                    save_for_backward([scores, attention, .. inputs[1..]]);
                    return [result];
                }

                protected override Tensor?[] backward(Tensor?[] grad_outputs)
                {
                    if (grad_outputs[0] is not { } gradient)
                        return new Tensor?[1 + (hasLogits ? 1 : 0) + (hasWeights ? 1 : 0)];
                    Tensor? logits = hasLogits ? saved_tensors[2] : null, weights = hasWeights ? saved_tensors[^1] : null;
                    var (scores, first, second) = Operator.Three("microtome::talking_softmax_backward", gradient.contiguous(), saved_tensors[0], saved_tensors[1], logits, weights);
                    List<Tensor?> made = [scores];
                    if (hasLogits)
                        made.Add(first);
                    if (hasWeights)
                        made.Add(second);
                    return [.. made];
                }
            }
        }
    }
}
