using Microtome.Torch;
using Microtome.Torch.Modules;
using static Microtome.Torch.torch;
using static Microtome.Torch.torch.nn;

namespace Microtome.Networks;

/// <summary>A block of a <see cref="PreActResNet"/>: with a = relu(norm(x)), conv(relu(norm(conv(a)))) + (projection(a) or x).</summary>
internal sealed class PreActivationBlock : Module<Tensor, Tensor>, IFoldable
{
    private readonly BatchNorm2d bn1;
    private readonly Conv2d conv1;
    private readonly BatchNorm2d bn2;
    private readonly Conv2d conv2;
    private readonly Sequential? shortcut;
    private readonly ConvolutionStep first;
    private readonly ConvolutionStep second;
    private readonly ConvolutionStep? projection;

    public PreActivationBlock(int inputChannels, int channels, int stride)
        : base(nameof(PreActivationBlock))
    {
        bn1 = BatchNorm2d(inputChannels);
        conv1 = Conv2d(inputChannels, channels, 3, stride: stride, padding: 1, bias: false);
        bn2 = BatchNorm2d(channels);
        conv2 = Conv2d(channels, channels, 3, padding: 1, bias: false);
        first = new ConvolutionStep(conv1, bn2);
        second = new ConvolutionStep(conv2);
        if (stride != 1 || inputChannels != channels)
        {
            var conv = Conv2d(inputChannels, channels, 1, stride: stride, bias: false);
            shortcut = Sequential(conv);
            projection = new ConvolutionStep(conv);
        }

        RegisterComponents();
    }

    /// <inheritdoc/>
    public override Tensor forward(Tensor input)
    {
        using var scope = NewDisposeScope();
        var active = functional.relu(bn1.forward(input), inplace: true);
        var across = projection?.Forward(active) ?? input;
        return second.Forward(first.ForwardRelu(active)).add_(across).MoveToOuterDisposeScope();
    }

    /// <inheritdoc/>
    public void Fold()
    {
        // bn1 follows a sum, so it stays.
        eval();
        first.Fold();
        second.Fold();
        projection?.Fold();
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            first.Dispose();
            second.Dispose();
            projection?.Dispose();
        }

        base.Dispose(disposing);
    }
}
