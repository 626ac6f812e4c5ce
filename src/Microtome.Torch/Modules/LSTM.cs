using static Microtome.Torch.torch;
using static Microtome.Torch.torch.nn;

namespace Microtome.Torch.Modules;

/// <summary>Long short-term memory over [T, N, C] (or [N, T, C] with batchFirst): output, last hidden state, last cell state.</summary>
public sealed class LSTM : Module<Tensor, (Tensor h0, Tensor c0)?, (Tensor output, Tensor hn, Tensor cn)>
{
    private readonly RecurrentWeights weights;
    private readonly long layers;
    private readonly bool bias;
    private readonly bool batchFirst;
    private readonly double dropout;
    private readonly bool bidirectional;

    internal LSTM(long inputSize, long hiddenSize, long numLayers, bool bias, bool batchFirst, double dropout, bool bidirectional, Device? device, ScalarType? dtype)
        : base(nameof(LSTM))
    {
        (layers, this.bias, this.batchFirst, this.dropout, this.bidirectional) = (numLayers, bias, batchFirst, dropout, bidirectional);
        weights = new RecurrentWeights(this, 4, inputSize, hiddenSize, numLayers, bias, batchFirst, bidirectional, device, dtype);
    }

    public (Tensor output, Tensor hn, Tensor cn) forward(Tensor input) => forward(input, null);

    public override (Tensor output, Tensor hn, Tensor cn) forward(Tensor input, (Tensor h0, Tensor c0)? state)
    {
        using var scope = NewDisposeScope();
        var (h, c) = state ?? (weights.Start(input), weights.Start(input));
        var (output, hn, cn) = Operator.Three("lstm.input", input, new[] { h, c }, weights.Flat, bias, layers, dropout, training, bidirectional, batchFirst);
        return (output.MoveToOuterDisposeScope(), hn.MoveToOuterDisposeScope(), cn.MoveToOuterDisposeScope());
    }
}
