using Microtome.Torch;
using Microtome.Torch.Modules;
using static Microtome.Torch.torch;
using static Microtome.Torch.torch.nn;

namespace Microtome.Networks;

/// <summary>
/// A small patch classifier for CPUs (0.49 million weights): [N, 3, H, W] to logits [N, classes]. A trunk of four convolutions at a quarter of the resolution and two at an
/// eighth gives a map for each of <see cref="CellTypes"/> kinds of cells; the answer is a linear function of how much of each kind the patch holds (the logarithm of the sum),
/// of the clearest place of each, and of the mean features. Training may show it where the cells are (<see cref="ForwardWithCells"/>), which teaches far more than one label a patch.
/// </summary>
public sealed class PatchNet : Module<Tensor, Tensor>, IFoldable
{
    /// <summary>Kinds of cells of which it draws maps.</summary>
    public const int CellTypes = 3;

    /// <summary>Pixels of the input along a side of a cell map's pixel.</summary>
    public const int CellStride = 4;

    private const int Fine = 24, Middle = 48, Wide = 96, Deep = 128;

    private readonly Sequential trunk;
    private readonly Sequential deep;
    private readonly Conv2d lateral;
    private readonly ConvNormRelu merge;
    private readonly Conv2d cells;
    private readonly Linear head;

    /// <summary>Builds the network with fresh weights from the current seed.</summary>
    public PatchNet(int classes)
        : base(nameof(PatchNet))
    {
        trunk = Sequential(("0", new ConvNormRelu(3, Fine, stride: 2)), ("1", new ConvNormRelu(Fine, Middle)), ("2", MaxPool2d(2, ceil_mode: true)), ("3", new ConvNormRelu(Middle, Wide)), ("4", new ConvNormRelu(Wide, Wide)));
        deep = Sequential(("0", MaxPool2d(2, ceil_mode: true)), ("1", new ConvNormRelu(Wide, Deep)), ("2", new ConvNormRelu(Deep, Deep)));
        lateral = Conv2d(Deep, Wide, 1);
        merge = new ConvNormRelu(Wide, Wide);
        cells = Conv2d(Wide, CellTypes, 1);
        head = Linear((2 * CellTypes) + Deep, classes);
        RegisterComponents();
    }

    /// <summary>The linear layer that gives the logits.</summary>
    public Linear Head => head;

    /// <inheritdoc/>
    public override Tensor forward(Tensor input)
    {
        var (logits, maps) = ForwardWithCells(input);
        maps.Dispose();
        return logits;
    }

    /// <summary>The logits [N, classes] and the cell maps [N, <see cref="CellTypes"/>, H / 4, W / 4] (rounded up), logits too.</summary>
    public (Tensor Logits, Tensor Cells) ForwardWithCells(Tensor input)
    {
        using var scope = NewDisposeScope();
        var features = trunk.forward(input);
        var coarse = deep.forward(features);
        var (height, width) = (features.shape[2], features.shape[3]);
        // Twice as large, and cut where the half was rounded up.
        var back = functional.interpolate(lateral.forward(coarse), scale_factor: [2, 2], mode: InterpolationMode.Nearest).narrow(2, 0, height).narrow(3, 0, width);
        var maps = cells.forward(merge.forward(features + back));
        var present = maps.sigmoid();
        var amount = (present.sum([2, 3]) + 1).log();
        var clearest = present.amax([2, 3]);
        var logits = head.forward(cat([amount, clearest, coarse.mean([2, 3])], 1));
        return (logits.MoveToOuterDisposeScope(), maps.MoveToOuterDisposeScope());
    }

    /// <inheritdoc/>
    public void Fold()
    {
        eval();
        foreach (var module in modules())
        {
            if (module is ConvNormRelu block)
                block.Fold(pack: true);
        }
    }
}
