using Microtome.Torch;
using Microtome.Torch.Modules;
using static Microtome.Torch.torch;
using static Microtome.Torch.torch.nn;

namespace Microtome.Networks;

/// <summary>
/// A convolution and the batch norm behind it, if there is one, as one step that can be folded. It is no module: the network owns both under
/// whatever names its published weights use.
/// </summary>
internal sealed class ConvolutionStep(Conv2d convolution, BatchNorm2d? norm = null) : IDisposable
{
    private Tensor? foldedWeight;
    private Tensor? foldedBias;

    // Of 3x3 kernels with stride 1, where the processor gains by it.
    private Tensor? packed;

    /// <summary>[N, C, H, W] to [N, C', H', W'].</summary>
    public Tensor Forward(Tensor input)
    {
        if (packed is not null)
            return functional.conv3x3_packed(input, packed, foldedBias);
        if (foldedWeight is not null)
            return functional.conv2d(input, foldedWeight, foldedBias, convolution.stride, convolution.padding, convolution.dilation, convolution.groups);
        var output = convolution.forward(input);
        if (norm is null)
            return output;
        using (output)
            return norm.forward(output);
    }

    /// <summary>The step and a ReLU.</summary>
    public Tensor ForwardRelu(Tensor input) =>
        packed is not null ? functional.conv3x3_packed(input, packed, foldedBias, relu: true) : functional.relu(Forward(input), inplace: true);

    /// <summary>The step, a sum with something of the output's shape, and a ReLU.</summary>
    public Tensor ForwardAddRelu(Tensor input, Tensor add) =>
        packed is not null ? functional.conv3x3_packed(input, packed, foldedBias, add, relu: true) : functional.relu(Forward(input).add_(add), inplace: true);

    /// <summary>w' = w * g / sqrt(v + eps), b' = beta + (b - m) * g / sqrt(v + eps), of the running statistics m and v.</summary>
    public void Fold()
    {
        Dispose();
        using var scope = NewDisposeScope();
        using var off = no_grad();
        var weight = convolution.weight.detach();
        var bias = convolution.bias?.detach().clone();
        if (norm is not null)
        {
            var scale = norm.weight! / (norm.running_var! + norm.eps).sqrt();
            weight = weight * scale.reshape(-1, 1, 1, 1);
            bias = norm.bias! + (((bias ?? zeros_like(norm.running_mean!)) - norm.running_mean!) * scale);
        }

        // A clone: of a 1x1 kernel contiguous() would hand back the parameter itself.
        foldedWeight = weight.contiguous(MemoryFormat.ChannelsLast).clone().DetachFromDisposeScope();
        foldedBias = bias?.DetachFromDisposeScope();
        if (foldedWeight.device.type != DeviceType.CPU || !IsPlain)
            return;
        var candidate = functional.pack_conv3x3(foldedWeight);
        packed = candidate.numel() > 0 ? candidate.DetachFromDisposeScope() : null;
    }

    private bool IsPlain =>
        convolution.groups == 1 && AllOnes(convolution.stride) && AllOnes(convolution.padding) && AllOnes(convolution.dilation);

    private static bool AllOnes(ReadOnlySpan<long> values) => !values.ContainsAnyExcept(1);

    public void Dispose()
    {
        foldedWeight?.Dispose();
        foldedBias?.Dispose();
        packed?.Dispose();
        foldedWeight = foldedBias = packed = null;
    }
}
