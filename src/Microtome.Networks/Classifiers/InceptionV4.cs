using Microtome.Torch;
using Microtome.Torch.Modules;
using static Microtome.Torch.torch;
using static Microtome.Torch.torch.nn;

namespace Microtome.Networks;

/// <summary>
/// Inception-v4 (arXiv 1602.07261, figures 3 to 9): [N, 3, H, W] to logits [N, classes]. The names in its state are timm's (and, without batch norm,
/// those of WSInfer's TIL network). Made for 299 x 299 pixels; sizes from 75 on work, since the last map is averaged.
/// </summary>
public sealed class InceptionV4 : Module<Tensor, Tensor>, IFoldable
{
    private const int Smallest = 75;
    private const int Features = 1536;
    private static readonly (int, int) Point = (1, 1);
    private static readonly (int, int) Square = (3, 3);
    private readonly Sequential features;
    private readonly Dropout dropout;
    private readonly Linear head;

    /// <summary>Builds the network with fresh weights from the current seed.</summary>
    /// <exception cref="ArgumentException">The options are out of range.</exception>
    public InceptionV4(InceptionV4Options options)
        : base(nameof(InceptionV4))
    {
        options.Validate();
        Options = options;
        features = Sequential(
        [
            .. Stem(),
            .. Enumerable.Range(0, 4).Select(_ => BlockA()),
            ReductionA(),
            .. Enumerable.Range(0, 7).Select(_ => BlockB()),
            ReductionB(),
            .. Enumerable.Range(0, 3).Select(_ => BlockC()),
        ]);
        dropout = Dropout(options.Dropout);
        head = Linear(Features, options.Classes);
        register_module("features", features);
        register_module("head_drop", dropout);
        register_module("last_linear", head);
    }

    /// <summary>The shape of the network.</summary>
    public InceptionV4Options Options { get; }

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">The input is not [N, 3, H, W] with sides of at least 75 pixels.</exception>
    public override Tensor forward(Tensor input)
    {
        PatchShape.Check(input, nameof(InceptionV4), Smallest);
        using var scope = NewDisposeScope();
        var x = features.forward(input).mean([2, 3]);
        return head.forward(dropout.forward(x)).MoveToOuterDisposeScope();
    }

    /// <inheritdoc/>
    public void Fold()
    {
        eval();
        foreach (var convolution in modules().OfType<InceptionConvolution>())
            convolution.Fold();
    }

    private IEnumerable<Module<Tensor, Tensor>> Stem() =>
    [
        Valid(3, 32, Square, 2),
        Valid(32, 32, Square),
        Same(32, 64, Square),
        new InceptionBlock().With("maxpool", MaxPool2d(3, 2)).With("conv", Valid(64, 96, Square, 2)),
        new InceptionBlock()
            .With("branch0", Sequential(Valid(160, 64, Point), Valid(64, 96, Square)))
            .With("branch1", Sequential(Valid(160, 64, Point), Same(64, 64, (1, 7)), Same(64, 64, (7, 1)), Valid(64, 96, Square))),
        new InceptionBlock().With("conv", Valid(192, 192, Square, 2)).With("maxpool", MaxPool2d(3, 2)),
    ];

    private InceptionBlock BlockA() => new InceptionBlock()
        .With("branch0", Valid(384, 96, Point))
        .With("branch1", Sequential(Valid(384, 64, Point), Same(64, 96, Square)))
        .With("branch2", Sequential(Valid(384, 64, Point), Same(64, 96, Square), Same(96, 96, Square)))
        .With("branch3", Sequential(Average(), Valid(384, 96, Point)));

    private InceptionBlock ReductionA() => new InceptionBlock()
        .With("branch0", Valid(384, 384, Square, 2))
        .With("branch1", Sequential(Valid(384, 192, Point), Same(192, 224, Square), Valid(224, 256, Square, 2)))
        .With("branch2", MaxPool2d(3, 2));

    private InceptionBlock BlockB() => new InceptionBlock()
        .With("branch0", Valid(1024, 384, Point))
        .With("branch1", Sequential(Valid(1024, 192, Point), Same(192, 224, (1, 7)), Same(224, 256, (7, 1))))
        .With("branch2", Sequential(
            Valid(1024, 192, Point), Same(192, 192, (7, 1)), Same(192, 224, (1, 7)), Same(224, 224, (7, 1)), Same(224, 256, (1, 7))))
        .With("branch3", Sequential(Average(), Valid(1024, 128, Point)));

    private InceptionBlock ReductionB() => new InceptionBlock()
        .With("branch0", Sequential(Valid(1024, 192, Point), Valid(192, 192, Square, 2)))
        .With("branch1", Sequential(Valid(1024, 256, Point), Same(256, 256, (1, 7)), Same(256, 320, (7, 1)), Valid(320, 320, Square, 2)))
        .With("branch2", MaxPool2d(3, 2));

    private InceptionBlock BlockC() => new InceptionBlock()
        .With("branch0", Valid(1536, 256, Point))
        .WithFork("branch1", [Valid(1536, 384, Point)], Same(384, 256, (1, 3)), Same(384, 256, (3, 1)))
        .WithFork(
            "branch2",
            [Valid(1536, 384, Point), Same(384, 448, (3, 1)), Same(448, 512, (1, 3))],
            Same(512, 256, (1, 3)),
            Same(512, 256, (3, 1)))
        .With("branch3", Sequential(Average(), Valid(1536, 256, Point)));

    private static FunctionModule Average() => AvgPool2d(3, stride: 1, padding: 1, count_include_pad: false);

    private InceptionConvolution Valid(int inputs, int outputs, (int Height, int Width) kernel, int stride = 1) =>
        new(inputs, outputs, kernel, stride, padded: false, Options.BatchNorm);

    private InceptionConvolution Same(int inputs, int outputs, (int Height, int Width) kernel) =>
        new(inputs, outputs, kernel, 1, padded: true, Options.BatchNorm);
}
