using Microtome.Torch;
using Microtome.Torch.Modules;
using static Microtome.Torch.torch;
using static Microtome.Torch.torch.nn;

namespace Microtome.Networks;

/// <summary>The feed-forward part of a layer: [..., d] to [..., d].</summary>
public sealed class FeedForward : Module<Tensor, Tensor>
{
    private readonly TransformerOptions options;
    private readonly Linear? gate;
    private readonly Linear up;
    private readonly Linear down;

    internal FeedForward(TransformerOptions options)
        : base(nameof(FeedForward))
    {
        this.options = options;
        int hidden = options.HiddenUnits, predictor = options.PredictorWidth;
        bool spark = options.FeedForward == FeedForwardKind.Spark;
        if (spark)
            gate = Linear(predictor, hidden, options.Biases);
        else if (options.FeedForward is FeedForwardKind.GeGlu or FeedForwardKind.SwiGlu or FeedForwardKind.ReGlu or FeedForwardKind.TopKGeGlu)
            gate = Linear(options.Width, hidden, options.Biases);
        up = Linear(spark ? options.Width - predictor : options.Width, hidden, options.Biases);
        down = Linear(hidden, options.Width, options.Biases);
        RegisterComponents();
    }

    /// <summary>Counts active units while it is set.</summary>
    public ActiveUnits? Counting { get; set; }

    /// <summary>Whether hidden units can be exactly zero, so that counting the others says something.</summary>
    public bool HasIdleUnits => options.FeedForward is FeedForwardKind.Relu or FeedForwardKind.ReGlu or FeedForwardKind.TopKGeGlu or FeedForwardKind.Spark;

    /// <inheritdoc/>
    public override Tensor forward(Tensor input)
    {
        using var scope = NewDisposeScope();
        var active = Gate(input);
        Counting?.Add(active);
        return down.forward(gate is null ? active : active * up.forward(options.FeedForward == FeedForwardKind.Spark ? input.narrow(-1, options.PredictorWidth, options.Width - options.PredictorWidth) : input))
            .MoveToOuterDisposeScope();
    }

    private Tensor Gate(Tensor input) => options.FeedForward switch
    {
        FeedForwardKind.Gelu => functional.gelu(up.forward(input)),
        FeedForwardKind.GeluTanh => functional.gelu(up.forward(input), "tanh"),
        FeedForwardKind.Relu => functional.relu(up.forward(input)),
        FeedForwardKind.GeGlu => functional.gelu(gate!.forward(input), "tanh"),
        FeedForwardKind.SwiGlu => functional.silu(gate!.forward(input)),
        FeedForwardKind.ReGlu => functional.relu(gate!.forward(input)),
        FeedForwardKind.TopKGeGlu => Thresholded(gate!.forward(input)),
        FeedForwardKind.Spark => Thresholded(gate!.forward(input.narrow(-1, 0, options.PredictorWidth))),
        _ => throw new ArgumentOutOfRangeException(nameof(input), options.FeedForward, "There is no such feed-forward."),
    };

    // The threshold comes first: GELU keeps its zeros.
    private Tensor Thresholded(Tensor scores) => functional.gelu(StatisticalTopK.Soft(scores, options.ActiveUnits, options.Spark?.Smoothing ?? 0), "tanh");
}
