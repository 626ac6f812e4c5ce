using Microtome.Torch;
using Microtome.Torch.Modules;
using static Microtome.Torch.torch;
using static Microtome.Torch.torch.nn;

namespace Microtome.Networks;

/// <summary>
/// VGG-16 (arXiv 1409.1556, configuration D): [N, 3, H, W] to logits [N, classes]. The names in its state are torchvision's. Made for 224 x 224 pixels;
/// other sizes from 32 on are brought to its 7 x 7 map by adaptive averages, as torchvision does.
/// </summary>
public sealed class Vgg16 : Module<Tensor, Tensor>, IFoldable
{
    private const int Smallest = 32;

    // Channels of the convolutions between one pooling and the next.
    private static readonly int[][] Stages = [[64, 64], [128, 128], [256, 256, 256], [512, 512, 512], [512, 512, 512]];
    private readonly Sequential features;
    private readonly Sequential classifier;
    private readonly List<List<ConvolutionStep>> stages = [];

    /// <summary>Builds the network with fresh weights from the current seed.</summary>
    /// <exception cref="ArgumentException">The options are out of range.</exception>
    public Vgg16(Vgg16Options options)
        : base(nameof(Vgg16))
    {
        options.Validate();
        Options = options;
        features = Sequential(Enumerable.Empty<Module<Tensor, Tensor>>());
        var channels = 3;
        foreach (var stage in Stages)
        {
            stages.Add([]);
            foreach (var width in stage)
            {
                var conv = Conv2d(channels, width, 3, padding: 1);
                init.kaiming_normal_(conv.weight, mode: init.FanInOut.FanOut, nonlinearity: init.NonlinearityType.ReLU);
                init.zeros_(conv.bias!);
                stages[^1].Add(new ConvolutionStep(conv));
                features.append(conv).append(ReLU(inplace: true));
                channels = width;
            }

            features.append(MaxPool2d(2));
        }

        classifier = Sequential(Enumerable.Empty<Module<Tensor, Tensor>>());
        var inputs = channels * 7 * 7;
        foreach (var units in options.Hidden)
        {
            classifier.append(Layer(inputs, units)).append(ReLU(inplace: true)).append(Dropout(options.Dropout));
            inputs = units;
        }

        classifier.append(Layer(inputs, options.Classes));
        RegisterComponents();
    }

    /// <summary>The shape of the network.</summary>
    public Vgg16Options Options { get; }

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">The input is not [N, 3, H, W] with sides of at least 32 pixels.</exception>
    public override Tensor forward(Tensor input)
    {
        PatchShape.Check(input, nameof(Vgg16), Smallest);
        using var scope = NewDisposeScope();
        var x = input;
        foreach (var stage in stages)
        {
            foreach (var step in stage)
                x = step.ForwardRelu(x);
            x = functional.max_pool2d(x, 2);
        }

        return classifier.forward(functional.adaptive_avg_pool2d(x, [7, 7]).flatten(1)).MoveToOuterDisposeScope();
    }

    /// <inheritdoc/>
    public void Fold()
    {
        eval();
        foreach (var step in stages.SelectMany(stage => stage))
            step.Fold();
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            foreach (var step in stages.SelectMany(stage => stage))
                step.Dispose();
        }

        base.Dispose(disposing);
    }

    private static Linear Layer(int inputs, int outputs)
    {
        var layer = Linear(inputs, outputs);
        init.normal_(layer.weight, 0, 0.01);
        init.zeros_(layer.bias!);
        return layer;
    }
}
