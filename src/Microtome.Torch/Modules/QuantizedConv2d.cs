namespace Microtome.Torch.Modules;

/// <summary>
/// A 2-D convolution in 8-bit whole numbers: unsigned activations with one step for the tensor, signed weights with one step a filter (their largest
/// magnitude is 127 steps), sums in 32 bits. For inference on a CPU; several times as fast as float32 where the processor multiplies bytes (VNNI).
/// Input [N, C, H, W] quint8, channels last; output the same with <c>outputScale</c> and <c>outputZeroPoint</c>.
/// </summary>
public sealed class QuantizedConv2d : IDisposable
{
    private readonly ObjectHandle packed;
    private readonly string operation;
    private readonly double outputScale;
    private readonly long outputZeroPoint;

    /// <summary>Quantizes and packs the weights.</summary>
    /// <param name="weight">[C', C, kernel, kernel], float32.</param>
    /// <param name="bias">[C'], float32; null for none.</param>
    /// <param name="padding">Pixels of zeros (the input's zero point) on every side.</param>
    /// <param name="relu">Whether negative results become zero.</param>
    /// <param name="outputScale">Step of the output.</param>
    /// <param name="outputZeroPoint">The whole number that means zero in the output, 0..255.</param>
    /// <exception cref="TorchException">The chosen engine cannot pack them.</exception>
    public QuantizedConv2d(torch.Tensor weight, torch.Tensor? bias, long padding, bool relu, double outputScale, long outputZeroPoint)
    {
        using var scope = torch.NewDisposeScope();
        var steps = (weight.abs().amax([1, 2, 3]) / 127).clamp(min: 1e-12).to(torch.ScalarType.Float64);
        var zeros = torch.zeros([weight.shape[0]], torch.ScalarType.Int64);
        var whole = torch.quantize_per_channel(weight.contiguous(), steps, zeros, 0, torch.ScalarType.QInt8);
        packed = Operator.Object("quantized::conv2d_prepack", whole, bias, new long[] { 1, 1 }, new[] { padding, padding }, new long[] { 1, 1 }, 1);
        operation = relu ? "quantized::conv2d_relu.new" : "quantized::conv2d.new";
        this.outputScale = outputScale;
        this.outputZeroPoint = outputZeroPoint;
    }

    /// <summary>Convolves.</summary>
    public torch.Tensor forward(torch.Tensor input) => Operator.Tensor(operation, input, packed, outputScale, outputZeroPoint);

    /// <inheritdoc/>
    public void Dispose() => packed.Dispose();
}
