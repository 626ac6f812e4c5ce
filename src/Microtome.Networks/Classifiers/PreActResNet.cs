using Microtome.Torch;
using Microtome.Torch.Modules;
using static Microtome.Torch.torch;
using static Microtome.Torch.torch.nn;

namespace Microtome.Networks;

/// <summary>
/// A ResNet-34 whose norms and ReLUs come before the convolutions (arXiv 1603.05027): [N, 3, H, W] to logits [N, classes]. Shape and names are those of
/// WSInfer's pancreas model: no norm behind the first convolution and none before the average.
/// </summary>
public sealed class PreActResNet : Module<Tensor, Tensor>, IFoldable
{
    private static readonly int[] Blocks = [3, 4, 6, 3];
    private readonly Conv2d conv1;
    private readonly Sequential layer1;
    private readonly Sequential layer2;
    private readonly Sequential layer3;
    private readonly Sequential layer4;
    private readonly Linear linear;
    private readonly ConvolutionStep stem;

    /// <summary>Builds the network with fresh weights from the current seed.</summary>
    /// <exception cref="ArgumentException">There are no classes.</exception>
    public PreActResNet(int classes = 2)
        : base(nameof(PreActResNet))
    {
        PatchShape.CheckClasses(classes);
        conv1 = Conv2d(3, 64, 7, stride: 2, padding: 3, bias: false);
        layer1 = Stage(0);
        layer2 = Stage(1);
        layer3 = Stage(2);
        layer4 = Stage(3);
        linear = Linear(512, classes);
        stem = new ConvolutionStep(conv1);
        RegisterComponents();
        Apply(static module =>
        {
            if (module is Conv2d convolution)
                init.kaiming_normal_(convolution.weight, mode: init.FanInOut.FanOut, nonlinearity: init.NonlinearityType.ReLU);
        });
    }

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">The input is not [N, 3, H, W].</exception>
    public override Tensor forward(Tensor input)
    {
        PatchShape.Check(input, nameof(PreActResNet), 1);
        using var scope = NewDisposeScope();
        var x = functional.max_pool2d(stem.Forward(input), 3, stride: 2, padding: 1);
        foreach (var stage in new[] { layer1, layer2, layer3, layer4 })
            x = stage.forward(x);
        return linear.forward(x.mean([2, 3])).MoveToOuterDisposeScope();
    }

    /// <inheritdoc/>
    public void Fold()
    {
        eval();
        stem.Fold();
        foreach (var block in modules().OfType<PreActivationBlock>())
            block.Fold();
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing)
            stem.Dispose();
        base.Dispose(disposing);
    }

    private static Sequential Stage(int index)
    {
        var width = 64 << index;
        var blocks = Sequential(Enumerable.Empty<Module<Tensor, Tensor>>());
        for (var i = 0; i < Blocks[index]; i++)
            blocks.append(new PreActivationBlock(i == 0 && index > 0 ? width / 2 : width, width, i == 0 && index > 0 ? 2 : 1));
        return blocks;
    }
}
