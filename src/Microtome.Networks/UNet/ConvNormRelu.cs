using Microtome.Torch;
using Microtome.Torch.Modules;
using static Microtome.Torch.torch;
using static Microtome.Torch.torch.nn;

namespace Microtome.Networks;

/// <summary>A 3x3 convolution, batch norm and ReLU: [N, C, H, W] to [N, C', H / stride, W / stride], halves rounded up.</summary>
public sealed class ConvNormRelu : Module<Tensor, Tensor>
{
    private readonly Conv2d conv;
    private readonly BatchNorm2d norm;
    private readonly int stride;
    private Tensor? foldedWeight;
    private Tensor? foldedBias;
    private Tensor? packed;

    /// <summary>Makes the block.</summary>
    public ConvNormRelu(int inputChannels, int outputChannels, int stride = 1)
        : base(nameof(ConvNormRelu))
    {
        this.stride = stride;
        conv = Conv2d(inputChannels, outputChannels, 3, stride: stride, padding: 1, bias: false);
        norm = BatchNorm2d(outputChannels);
        RegisterComponents();
    }

    /// <inheritdoc/>
    public override Tensor forward(Tensor input) => packed is not null ? functional.conv3x3_packed(input, packed, foldedBias, relu: true)
        : foldedWeight is null ? functional.relu(norm.forward(conv.forward(input)), inplace: true)
        : functional.relu(functional.conv2d(input, foldedWeight, foldedBias, strides: [stride, stride], padding: [1, 1]), inplace: true);

    /// <summary>
    /// Folds the running statistics of the norm into the convolution: w' = w * g / sqrt(v + eps), b' = b - m * g / sqrt(v + eps).
    /// For inference only; the block then no longer follows changes of its parameters.
    /// </summary>
    /// <param name="pack">Whether the convolution is made as fast as it can be (<see cref="functional.pack_conv3x3"/>); the last digits of the answers differ.</param>
    public void Fold(bool pack = false)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        var scale = norm.weight! / (norm.running_var! + norm.eps).sqrt();
        foldedWeight = (conv.weight! * scale.reshape(-1, 1, 1, 1)).contiguous(MemoryFormat.ChannelsLast).DetachFromDisposeScope();
        foldedBias = (norm.bias! - (norm.running_mean! * scale)).DetachFromDisposeScope();
        if (!pack || stride != 1 || foldedWeight.device.type != DeviceType.CPU)
            return;
        var candidate = functional.pack_conv3x3(foldedWeight);
        packed = candidate.numel() > 0 ? candidate.DetachFromDisposeScope() : null;
    }

    /// <summary>Weight and bias of the folded convolution.</summary>
    internal (Tensor Weight, Tensor Bias) Folded => foldedWeight is not null && foldedBias is not null
        ? (foldedWeight, foldedBias)
        : throw new InvalidOperationException("The block is not folded: call Fold first.");

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            foldedWeight?.Dispose();
            foldedBias?.Dispose();
            packed?.Dispose();
        }

        base.Dispose(disposing);
    }
}
