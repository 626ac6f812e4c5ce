using Microtome.Torch;
using Microtome.Torch.Modules;
using static Microtome.Torch.torch;
using static Microtome.Torch.torch.nn;

namespace Microtome.Networks;

/// <summary>
/// A U-Net (arXiv 1505.04597) whose skips are added instead of concatenated (LinkNet, arXiv 1707.03718) and whose trunk works on folded pixels
/// (pixel unshuffle, arXiv 1609.05158): [N, C, H, W] to logits [N, C', H, W], H and W multiples of <see cref="UNetOptions.Stride"/>.
/// </summary>
public sealed class UNet : Module<Tensor, Tensor>, IFoldable
{
    private readonly ModuleList<Sequential> encoder;
    private readonly ModuleList<Conv2d> lateral;
    private readonly ModuleList<Sequential> decoder;
    private readonly Conv2d head;

    /// <summary>Builds the network with fresh weights from the current seed.</summary>
    /// <exception cref="ArgumentException">The options are out of range.</exception>
    public UNet(UNetOptions options)
        : base(nameof(UNet))
    {
        options.Validate();
        Options = options;
        var fold = options.StemFactor * options.StemFactor;
        var widths = options.Widths;
        encoder = ModuleList<Sequential>();
        for (var level = 0; level < widths.Count; level++)
            encoder.Add(Block(level == 0 ? options.InputChannels * fold : widths[level - 1], widths[level], options.EncoderConvolutions));
        lateral = ModuleList<Conv2d>();
        decoder = ModuleList<Sequential>();
        for (var level = widths.Count - 2; level >= 0; level--)
        {
            lateral.Add(Conv2d(widths[level + 1], widths[level], 1));
            decoder.Add(Block(widths[level], widths[level], options.DecoderConvolutions));
        }

        head = Conv2d(widths[0], options.OutputChannels * fold, 1);
        RegisterComponents();
    }

    /// <summary>The shape of the network.</summary>
    public UNetOptions Options { get; }

    /// <inheritdoc/>
    public override Tensor forward(Tensor input) => Forward(input, static (_, _) => { });

    /// <summary>Runs the network and shows every intermediate result under its name: encoder.L.I, lateral.S, sum.S, decoder.S.I, head.</summary>
    internal Tensor Forward(Tensor input, Action<string, Tensor> observe)
    {
        using var scope = NewDisposeScope();
        var x = Options.StemFactor > 1 ? functional.pixel_unshuffle(input, Options.StemFactor) : input;
        var skips = new Stack<Tensor>();
        for (var level = 0; level < encoder.Count; level++)
        {
            x = Through(encoder[level], x, $"encoder.{level}", observe);
            if (level == encoder.Count - 1)
                break;
            skips.Push(x);
            x = functional.max_pool2d(x, 2);
        }

        for (var step = 0; step < decoder.Count; step++)
        {
            // The 1x1 convolution comes before the enlargement: the same function at a quarter of the cost.
            var across = lateral[step].forward(x);
            observe($"lateral.{step}", across);
            x = functional.interpolate(across, scale_factor: [2, 2], mode: InterpolationMode.Nearest).add_(skips.Pop());
            observe($"sum.{step}", x);
            x = Through(decoder[step], x, $"decoder.{step}", observe);
        }

        x = head.forward(x);
        observe("head", x);
        return (Options.StemFactor > 1 ? functional.pixel_shuffle(x, Options.StemFactor) : x).MoveToOuterDisposeScope();
    }

    /// <inheritdoc/>
    public void Fold()
    {
        eval();
        foreach (var module in modules())
        {
            if (module is ConvNormRelu block)
                block.Fold();
        }
    }

    /// <summary>The convolutions of a folded network by the names of their results.</summary>
    internal IEnumerable<(string Name, Tensor Weight, Tensor? Bias)> Convolutions()
    {
        foreach (var (blocks, kind) in new[] { (encoder, "encoder"), (decoder, "decoder") })
        {
            for (var level = 0; level < blocks.Count; level++)
            {
                var index = 0;
                foreach (var block in blocks[level].children().Cast<ConvNormRelu>())
                    yield return ($"{kind}.{level}.{index++}", block.Folded.Weight, block.Folded.Bias);
            }
        }

        for (var step = 0; step < lateral.Count; step++)
            yield return ($"lateral.{step}", lateral[step].weight!, lateral[step].bias);
        yield return ("head", head.weight!, head.bias);
    }

    private static Tensor Through(Sequential blocks, Tensor input, string name, Action<string, Tensor> observe)
    {
        var x = input;
        var index = 0;
        foreach (var block in blocks.children().Cast<ConvNormRelu>())
        {
            x = block.forward(x);
            observe($"{name}.{index++}", x);
        }

        return x;
    }

    private static Sequential Block(int inputChannels, int outputChannels, int convolutions)
    {
        var blocks = new List<(string, Module<Tensor, Tensor>)>();
        for (var i = 0; i < convolutions; i++)
            blocks.Add(($"{i}", new ConvNormRelu(i == 0 ? inputChannels : outputChannels, outputChannels)));
        return Sequential(blocks);
    }
}
