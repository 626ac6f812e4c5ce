using static Microtome.Torch.torch;
using static Microtome.Torch.torch.nn;

namespace Microtome.Torch.Modules;

/// <summary>
/// Attention in several heads side by side (arXiv 1706.03762, section 3.2.2). Inputs [L, N, E], or [N, L, E] with batch first. The weights have
/// PyTorch's names and shapes: in_proj_weight [3 E, E] (query, key, value from the top), in_proj_bias [3 E], out_proj.
/// </summary>
public sealed class MultiheadAttention : Module<Tensor, Tensor, Tensor, Tensor>
{
    private readonly long heads;
    private readonly double dropout;
    private readonly bool batchFirst;

    public Parameter in_proj_weight { get; }
    public Parameter? in_proj_bias { get; }
    public Linear out_proj { get; }

    internal MultiheadAttention(long embedded_dim, long num_heads, double dropout, bool bias, bool batch_first, Device? device, ScalarType? dtype)
        : base(nameof(MultiheadAttention))
    {
        if (num_heads <= 0 || embedded_dim % num_heads != 0)
            throw new ArgumentException($"{embedded_dim} features cannot be shared out to {num_heads} heads: the first must be a multiple of the second.");
        heads = num_heads;
        this.dropout = dropout;
        batchFirst = batch_first;
        using var scope = NewDisposeScope();
        in_proj_weight = new Parameter(empty([3 * embedded_dim, embedded_dim], dtype, device));
        in_proj_bias = bias ? new Parameter(zeros([3 * embedded_dim], dtype, device)) : null;
        out_proj = nn.Linear(embedded_dim, embedded_dim, bias, device, dtype);
        register_parameter("in_proj_weight", in_proj_weight);
        register_parameter("in_proj_bias", in_proj_bias);
        register_module("out_proj", out_proj);
        init.xavier_uniform_(in_proj_weight);
        if (out_proj.bias is not null)
            init.zeros_(out_proj.bias);
    }

    public override Tensor forward(Tensor query, Tensor key, Tensor value) => forward(query, key, value, null);

    /// <summary>Attention where the mask allows it.</summary>
    /// <param name="query">[L, N, E].</param>
    /// <param name="key">[S, N, E].</param>
    /// <param name="value">[S, N, E].</param>
    /// <param name="attn_mask">Broadcast to [N, heads, L, S]: truth values (true may be looked at) or numbers to add.</param>
    /// <param name="is_causal">Position i looks at positions up to i only.</param>
    public Tensor forward(Tensor query, Tensor key, Tensor value, Tensor? attn_mask, bool is_causal = false)
    {
        using var scope = NewDisposeScope();
        var weights = in_proj_weight.chunk(3);
        var biases = in_proj_bias?.chunk(3);
        var attended = functional.scaled_dot_product_attention(Heads(query, 0), Heads(key, 1), Heads(value, 2), attn_mask, training ? dropout : 0, is_causal);
        // [N, heads, L, D] to [N, L, E]
        var merged = attended.transpose(1, 2).flatten(2);
        return out_proj.forward(batchFirst ? merged : merged.transpose(0, 1)).MoveToOuterDisposeScope();

        Tensor Heads(Tensor input, int part)
        {
            var projected = functional.linear(batchFirst ? input : input.transpose(0, 1), weights[part], biases?[part]);
            return projected.unflatten(-1, heads, -1).transpose(1, 2);
        }
    }
}
