using Microtome.Torch;
using Microtome.Torch.Modules;
using static Microtome.Torch.torch;
using static Microtome.Torch.torch.nn;

namespace Microtome.Networks;

/// <summary>
/// A block of a <see cref="ResNet"/>: relu(F(x) + shortcut(x)), F two 3x3 convolutions or, as a bottleneck, 1x1, 3x3 and 1x1. The stride lies on the
/// (first) 3x3 convolution, as in the published weights.
/// </summary>
internal sealed class ResidualBlock : Module<Tensor, Tensor>, IFoldable
{
    private readonly Sequential? shortcut;
    private readonly List<ConvolutionStep> steps = [];
    private readonly ConvolutionStep? projection;

    public ResidualBlock(int inputChannels, int channels, int stride, bool bottleneck)
        : base(nameof(ResidualBlock))
    {
        var outputChannels = bottleneck ? 4 * channels : channels;
        if (bottleneck)
        {
            Add(inputChannels, channels, 1, 1);
            Add(channels, channels, 3, stride);
            Add(channels, outputChannels, 1, 1);
        }
        else
        {
            Add(inputChannels, channels, 3, stride);
            Add(channels, channels, 3, 1);
        }

        if (stride == 1 && inputChannels == outputChannels)
            return;
        var conv = Conv2d(inputChannels, outputChannels, 1, stride: stride, bias: false);
        var norm = BatchNorm2d(outputChannels);
        shortcut = Sequential(conv, norm);
        register_module("downsample", shortcut);
        projection = new ConvolutionStep(conv, norm);
    }

    /// <inheritdoc/>
    public override Tensor forward(Tensor input)
    {
        using var scope = NewDisposeScope();
        var x = input;
        for (var i = 0; i < steps.Count - 1; i++)
            x = steps[i].ForwardRelu(x);
        return steps[^1].ForwardAddRelu(x, projection?.Forward(input) ?? input).MoveToOuterDisposeScope();
    }

    /// <inheritdoc/>
    public void Fold()
    {
        eval();
        foreach (var step in steps)
            step.Fold();
        projection?.Fold();
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            foreach (var step in steps)
                step.Dispose();
            projection?.Dispose();
        }

        base.Dispose(disposing);
    }

    private void Add(int inputChannels, int outputChannels, int kernel, int stride)
    {
        var conv = Conv2d(inputChannels, outputChannels, kernel, stride: stride, padding: kernel / 2, bias: false);
        var norm = BatchNorm2d(outputChannels);
        steps.Add(new ConvolutionStep(conv, norm));
        register_module($"conv{steps.Count}", conv);
        register_module($"bn{steps.Count}", norm);
    }
}
