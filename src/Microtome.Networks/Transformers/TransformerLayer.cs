using Microtome.Torch;
using Microtome.Torch.Modules;
using static Microtome.Torch.torch;
using static Microtome.Torch.torch.nn;

namespace Microtome.Networks;

/// <summary>Attention and feed-forward with their norms and residuals: [B, T, d] to [B, T, d].</summary>
public sealed class TransformerLayer : Module<Tensor, AttentionContext, Tensor>
{
    private readonly TransformerOptions options;
    private readonly Attention attention;
    private readonly Module<Tensor, Tensor> attention_norm;
    private readonly FeedForward feed_forward;
    private readonly Module<Tensor, Tensor> feed_forward_norm;
    private readonly Module<Tensor, Tensor>? attention_post_norm;
    private readonly Module<Tensor, Tensor>? feed_forward_post_norm;

    internal TransformerLayer(TransformerOptions options)
        : base(nameof(TransformerLayer))
    {
        this.options = options;
        attention = new Attention(options);
        attention_norm = Norm(options);
        feed_forward = new FeedForward(options);
        feed_forward_norm = Norm(options);
        if (options.NormPlacement == NormPlacement.Sandwich)
            (attention_post_norm, feed_forward_post_norm) = (Norm(options), Norm(options));
        RegisterComponents();
    }

    /// <summary>The feed-forward part.</summary>
    public FeedForward FeedForward => feed_forward;

    /// <inheritdoc/>
    public override Tensor forward(Tensor input1, AttentionContext input2)
    {
        using var scope = NewDisposeScope();
        var x = input1;
        if (options.NormPlacement == NormPlacement.Post)
        {
            x = attention_norm.forward(x + Drop(attention.forward(x, input2)));
            return feed_forward_norm.forward(x + Drop(feed_forward.forward(x))).MoveToOuterDisposeScope();
        }

        x = x + Drop(After(attention_post_norm, attention.forward(attention_norm.forward(x), input2)));
        return (x + Drop(After(feed_forward_post_norm, feed_forward.forward(feed_forward_norm.forward(x))))).MoveToOuterDisposeScope();
    }

    internal static Module<Tensor, Tensor> Norm(TransformerOptions options) => options.Norm == NormKind.LayerNorm
        ? LayerNorm(options.Width, options.NormEpsilon)
        : RMSNorm(options.Width, options.NormEpsilon);

    private static Tensor After(Module<Tensor, Tensor>? norm, Tensor part) => norm is null ? part : norm.forward(part);

    private Tensor Drop(Tensor part) => training && options.Dropout > 0 ? functional.dropout(part, options.Dropout) : part;
}
