using Microtome.Torch;
using Microtome.Torch.Modules;
using static Microtome.Torch.torch;
using static Microtome.Torch.torch.nn;

namespace Microtome.Networks;

/// <summary>
/// A residual network (arXiv 1512.03385): [N, 3, H, W] to logits [N, classes]. The names in its state are torchvision's. Made for 224 x 224 pixels; any
/// size works, since the last map is averaged.
/// </summary>
public sealed class ResNet : Module<Tensor, Tensor>, IFoldable
{
    private readonly Conv2d conv1;
    private readonly BatchNorm2d bn1;
    private readonly Sequential layer1;
    private readonly Sequential layer2;
    private readonly Sequential layer3;
    private readonly Sequential layer4;
    private readonly Linear fc;
    private readonly ConvolutionStep stem;

    /// <summary>Builds the network with fresh weights from the current seed.</summary>
    /// <exception cref="ArgumentException">The options are out of range.</exception>
    public ResNet(ResNetOptions options)
        : base(nameof(ResNet))
    {
        options.Validate();
        Options = options;
        var channels = 64;
        conv1 = Conv2d(3, channels, 7, stride: 2, padding: 3, bias: false);
        bn1 = BatchNorm2d(channels);
        layer1 = Stage(0, ref channels);
        layer2 = Stage(1, ref channels);
        layer3 = Stage(2, ref channels);
        layer4 = Stage(3, ref channels);
        fc = Linear(channels, options.Classes);
        stem = new ConvolutionStep(conv1, bn1);
        RegisterComponents();
        Apply(static module =>
        {
            if (module is Conv2d convolution)
                init.kaiming_normal_(convolution.weight, mode: init.FanInOut.FanOut, nonlinearity: init.NonlinearityType.ReLU);
        });
    }

    /// <summary>The shape of the network.</summary>
    public ResNetOptions Options { get; }

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">The input is not [N, 3, H, W].</exception>
    public override Tensor forward(Tensor input)
    {
        PatchShape.Check(input, nameof(ResNet), 1);
        using var scope = NewDisposeScope();
        var x = functional.max_pool2d(stem.ForwardRelu(input), 3, stride: 2, padding: 1);
        foreach (var stage in new[] { layer1, layer2, layer3, layer4 })
            x = stage.forward(x);
        return fc.forward(x.mean([2, 3])).MoveToOuterDisposeScope();
    }

    /// <inheritdoc/>
    public void Fold()
    {
        eval();
        stem.Fold();
        foreach (var block in modules().OfType<ResidualBlock>())
            block.Fold();
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing)
            stem.Dispose();
        base.Dispose(disposing);
    }

    private Sequential Stage(int index, ref int channels)
    {
        var width = 64 << index;
        var blocks = Sequential(Enumerable.Empty<Module<Tensor, Tensor>>());
        for (var i = 0; i < Options.Blocks[index]; i++)
        {
            blocks.append(new ResidualBlock(channels, width, i == 0 && index > 0 ? 2 : 1, Options.Bottleneck));
            channels = Options.Bottleneck ? 4 * width : width;
        }

        return blocks;
    }
}
