using static Microtome.Torch.torch;
using static Microtome.Torch.torch.nn;

namespace Microtome.Torch.Modules;

/// <summary>Gated recurrent units over [T, N, C] (or [N, T, C] with batchFirst): output and last hidden state.</summary>
public sealed class GRU : Module<Tensor, Tensor?, (Tensor output, Tensor hn)>
{
    private readonly RecurrentWeights weights;
    private readonly long layers;
    private readonly bool bias;
    private readonly bool batchFirst;
    private readonly double dropout;
    private readonly bool bidirectional;

    internal GRU(long inputSize, long hiddenSize, long numLayers, bool bias, bool batchFirst, double dropout, bool bidirectional, Device? device, ScalarType? dtype)
        : base(nameof(GRU))
    {
        (layers, this.bias, this.batchFirst, this.dropout, this.bidirectional) = (numLayers, bias, batchFirst, dropout, bidirectional);
        weights = new RecurrentWeights(this, 3, inputSize, hiddenSize, numLayers, bias, batchFirst, bidirectional, device, dtype);
    }

    public (Tensor output, Tensor hn) forward(Tensor input) => forward(input, null);

    public override (Tensor output, Tensor hn) forward(Tensor input, Tensor? state)
    {
        using var scope = NewDisposeScope();
        var (output, hn) = Operator.Two("gru.input", input, state ?? weights.Start(input), weights.Flat, bias, layers, dropout, training, bidirectional, batchFirst);
        return (output.MoveToOuterDisposeScope(), hn.MoveToOuterDisposeScope());
    }
}
