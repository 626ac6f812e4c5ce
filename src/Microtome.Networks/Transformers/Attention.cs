using Microtome.Torch;
using Microtome.Torch.Modules;
using static Microtome.Torch.torch;
using static Microtome.Torch.torch.nn;

namespace Microtome.Networks;

/// <summary>
/// Self-attention of [B, T, d] (arXiv 1706.03762, 3.2), with shared key and value heads, talking heads (<see cref="HeadTalk"/>) or Spark's choice of keys (<see cref="SparkScores"/>).
/// </summary>
public sealed class Attention : Module<Tensor, AttentionContext, Tensor>
{
    private readonly TransformerOptions options;
    private readonly Linear query;
    private readonly Linear key;
    private readonly Linear value;
    private readonly Linear output;
    private readonly HeadTalk? talk;

    internal Attention(TransformerOptions options)
        : base(nameof(Attention))
    {
        this.options = options;
        query = Linear(options.Width, options.Heads * options.QueryWidth, options.Biases);
        key = Linear(options.Width, options.MemoryHeads * options.QueryWidth, options.Biases);
        value = Linear(options.Width, options.ValueHeads * options.QueryWidth, options.Biases);
        int mixed = options.TalkingHeads is { Mixing: HeadMixing.Both or HeadMixing.Weights } ? options.ValueHeads : options.SoftmaxHeads;
        output = Linear(Math.Max(mixed, options.ValueHeads) * options.QueryWidth, options.Width, options.Biases);
        talk = options.TalkingHeads is { Mixing: not HeadMixing.None } ? new HeadTalk(options) : null;
        RegisterComponents();
    }

    /// <inheritdoc/>
    public override Tensor forward(Tensor input1, AttentionContext input2)
    {
        using var scope = NewDisposeScope();
        var (input, context) = (input1, input2);
        var (q, k, v) = (Split(query.forward(input), options.Heads), Split(key.forward(input), options.MemoryHeads), Split(value.forward(input), options.ValueHeads));
        Tensor weights;
        if (options.SparkAttention)
        {
            weights = SparkScores.Weights(q, Repeat(k, options.Heads), options, context);
        }
        else
        {
            if (context.Angles is { } angles)
                (q, k) = (Rotary.Turn(q, angles), Rotary.Turn(k, angles));
            var scores = (q * (1 / Math.Sqrt(options.QueryWidth))).matmul(Repeat(k, options.Heads).transpose(-2, -1));
            if (options.AttentionCap > 0)
                scores = (scores / options.AttentionCap).tanh() * options.AttentionCap;
            weights = talk is null ? Softmax(scores, context) : talk.forward(scores, input, context);
        }

        // Of the mixed weights, as the authors do, not of the softmax.
        if (training && options.Dropout > 0)
            weights = functional.dropout(weights, options.Dropout);
        var mixed = weights.matmul(Repeat(v, (int)weights.size(1))).transpose(1, 2).flatten(2);
        return output.forward(mixed).MoveToOuterDisposeScope();
    }

    internal static Tensor Softmax(Tensor scores, AttentionContext context) => (context.Bias is { } bias ? scores + bias : scores).softmax(-1);

    // [B, T, H D] to [B, H, T, D].
    private Tensor Split(Tensor heads, int count) => heads.unflatten(2, count, options.QueryWidth).transpose(1, 2);

    // Each key and value head serves a run of neighbours.
    private static Tensor Repeat(Tensor heads, int count) => heads.size(1) == count ? heads : heads.repeat_interleave(count / heads.size(1), 1);
}
