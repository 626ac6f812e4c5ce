using Microtome.Torch;
using Microtome.Torch.Modules;
using static Microtome.Torch.torch;
using static Microtome.Torch.torch.nn;

namespace Microtome.Networks;

/// <summary>A stack of layers over vectors [B, T, d], by options: BERT, Llama, Gemma 2, talking heads, Spark and what lies between them.</summary>
public sealed class Transformer : Module
{
    private readonly ModuleList<TransformerLayer> layers;
    private readonly Module<Tensor, Tensor>? final_norm;
    private readonly RelativePositions? relative;

    /// <summary>Builds the stack with fresh weights from the current seed.</summary>
    /// <exception cref="ArgumentException">The options contradict each other.</exception>
    public Transformer(TransformerOptions options)
        : base(nameof(Transformer))
    {
        options.Check();
        Options = options;
        layers = new ModuleList<TransformerLayer>(Enumerable.Range(0, options.Layers).Select(_ => new TransformerLayer(options)));
        final_norm = options.NormPlacement == NormPlacement.Post ? null : TransformerLayer.Norm(options);
        relative = options.Positions == PositionKind.T5Relative ? new RelativePositions(options.SoftmaxHeads, options.Causal) : null;
        RegisterComponents();
        Initialize(this, options.InitialDeviation);
    }

    /// <summary>Its shape.</summary>
    public TransformerOptions Options { get; }

    /// <summary>Its layers, in order.</summary>
    public IReadOnlyList<TransformerLayer> Layers => layers;

    /// <summary>Told each layer's output: its number from 0, and [B, T, d].</summary>
    public Action<int, Tensor>? Watch { get; set; }

    /// <summary>Runs all layers.</summary>
    /// <param name="input">[B, T, d].</param>
    /// <param name="present">[B, T]: 1 where there is a token and 0 where the text has ended. Null: everywhere.</param>
    public Tensor forward(Tensor input, Tensor? present = null)
    {
        using var scope = NewDisposeScope();
        var context = Context(input, present);
        var x = input;
        for (int l = 0; l < layers.Count; l++)
        {
            var layer = layers[l];
            x = Options.Checkpointing && training && x.requires_grad ? autograd.checkpoint(t => layer.forward(t[0], context.With(t.AsSpan(1))), [x, .. context.Tensors]) : layer.forward(x, context);
            Watch?.Invoke(l, x);
        }

        if (final_norm is not null)
            x = final_norm.forward(x);
        return (ReferenceEquals(x, input) ? x.alias() : x).MoveToOuterDisposeScope();
    }

    /// <summary>Normal weights and no biases (the mixes of talking heads keep their own start).</summary>
    internal static void Initialize(Module module, double deviation)
    {
        foreach (var part in module.modules())
        {
            if (part is Linear linear)
            {
                init.normal_(linear.weight, 0, Deviation(linear.weight));
                if (linear.bias is { } bias)
                    init.zeros_(bias);
            }
            else if (part is Embedding embedding)
            {
                init.normal_(embedding.weight, 0, Deviation(embedding.weight));
            }
        }

        double Deviation(Tensor weight) => deviation > 0 ? deviation : 1 / Math.Sqrt(weight.size(1));
    }

    private AttentionContext Context(Tensor input, Tensor? present)
    {
        long length = input.size(1);
        var device = input.device;
        Tensor? bias = relative?.forward((length, length)), visible = null;
        if (Options.SparkAttention)
        {
            visible = ones([length, length], ScalarType.Float32, device).tril().reshape(1, 1, length, length);
            if (present is not null)
                visible = visible * present.to(ScalarType.Float32).reshape(present.size(0), 1, 1, length);

            // Places after the end of a text see themselves, so that there is something to average.
            visible = visible.maximum(eye(length, -1, ScalarType.Float32, device));
        }
        else
        {
            if (Options.Causal)
                bias = Plus(bias, full([length, length], double.NegativeInfinity, ScalarType.Float32, device).triu(1).reshape(1, 1, length, length));
            if (present is not null)
                bias = Plus(bias, zeros([present.size(0), 1, 1, length], ScalarType.Float32, device).masked_fill(present.lt(0.5).reshape(present.size(0), 1, 1, length), double.NegativeInfinity));
        }

        if (Options.Positions != PositionKind.Rotary)
            return new AttentionContext(bias, Visible: visible);
        if (!Options.SparkAttention)
            return new AttentionContext(bias, Rotary.Angles(length, Options.QueryWidth, Options.RotaryBase, device));
        int first = Options.Spark!.AttentionPredictorWidth;
        return new AttentionContext(bias, Rotary.Angles(length, Options.QueryWidth - first, Options.RotaryBase, device), Rotary.Angles(length, first, Options.RotaryBase, device), visible);
    }

    private static Tensor Plus(Tensor? sum, Tensor part) => sum is null ? part : sum + part;
}
