using Microtome.Torch;
using Microtome.Torch.Modules;
using static Microtome.Torch.torch;
using static Microtome.Torch.torch.nn;

namespace Microtome.Networks;

/// <summary>
/// The two mixes of talking-heads attention around the softmax (arXiv 2003.02436, 3): scores [B, h_k, T, T] to weights [B, h_v, T, T]. Bias and mask come after the first mix.
/// No biases in the mixes: one in the second would give weight to what is masked.
/// </summary>
public sealed class HeadTalk : Module
{
    private readonly Parameter? logits;
    private readonly Parameter? weights;
    private readonly Linear? query_logits;
    private readonly Linear? memory_logits;
    private readonly Linear? query_weights;
    private readonly Linear? memory_weights;

    internal HeadTalk(TransformerOptions options)
        : base(nameof(HeadTalk))
    {
        var talking = options.TalkingHeads!;
        if (talking.Mixing is HeadMixing.Both or HeadMixing.Logits)
            logits = Mix(options.Heads, options.SoftmaxHeads, talking.Start);
        if (talking.Mixing is HeadMixing.Both or HeadMixing.Weights)
            weights = Mix(options.SoftmaxHeads, options.ValueHeads, talking.Start);
        query_logits = Dynamic(talking.QueryToLogits, options.Width, options.Heads, options.SoftmaxHeads);
        memory_logits = Dynamic(talking.MemoryToLogits, options.Width, options.Heads, options.SoftmaxHeads);
        query_weights = Dynamic(talking.QueryToWeights, options.Width, options.SoftmaxHeads, options.ValueHeads);
        memory_weights = Dynamic(talking.MemoryToWeights, options.Width, options.SoftmaxHeads, options.ValueHeads);
        RegisterComponents();
    }

    /// <summary>The mixes themselves: they take the normal learning rate and no weight decay, which would turn the attention off.</summary>
    public IEnumerable<Parameter> Mixes => new[] { logits, weights }.OfType<Parameter>();

    /// <summary>Weights from scores and the tokens [B, T, d] that dynamic mixes look at.</summary>
    public Tensor forward(Tensor scores, Tensor tokens, AttentionContext context)
    {
        bool fixedMixes = query_logits is null && memory_logits is null && query_weights is null && memory_weights is null;
        if (fixedMixes && functional.talking_softmax_runs(scores, context.Bias))
            return functional.talking_softmax(scores, logits, weights, context.Bias);
        using var scope = NewDisposeScope();
        var mixed = Mixed(scores, logits, query_logits, memory_logits, tokens);
        return Mixed(Attention.Softmax(mixed, context), weights, query_weights, memory_weights, tokens).MoveToOuterDisposeScope();
    }

    // Each matrix is a contraction of its own: adding them first would make a tensor [n, m, h, h].
    private static Tensor Mixed(Tensor heads, Parameter? mix, Linear? query, Linear? memory, Tensor tokens)
    {
        if (mix is null)
            return heads;
        var (b, h, n, m) = (heads.size(0), heads.size(1), heads.size(2), heads.size(3));
        var result = mix.t().matmul(heads.reshape(b, h, n * m)).reshape(b, mix.size(1), n, m);
        if (query is not null)
            result = result + einsum("bknm,bnkh->bhnm", heads, query.forward(tokens).unflatten(2, h, mix.size(1)));
        if (memory is not null)
            result = result + einsum("bknm,bmkh->bhnm", heads, memory.forward(tokens).unflatten(2, h, mix.size(1)));
        return result;
    }

    private static Parameter Mix(int from, int to, MixingStart start)
    {
        using var scope = NewDisposeScope();
        if (start == MixingStart.Identity)
            return new Parameter(eye(from));
        var matrix = empty([from, to]);
        double deviation = Math.Sqrt(1.0 / from);
        init.trunc_normal_(matrix, 0, deviation, -2 * deviation, 2 * deviation);
        return new Parameter(matrix);
    }

    // A tenth of the amplitude of the fixed mixes: larger ones made learning difficult (the authors' layer).
    private static Linear? Dynamic(bool wanted, int width, int from, int to)
    {
        if (!wanted)
            return null;
        var projection = Linear(width, from * to, hasBias: false);
        init.normal_(projection.weight, 0, Math.Sqrt(1e-2 / from / width));
        return projection;
    }
}
