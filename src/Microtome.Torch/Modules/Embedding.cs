using static Microtome.Torch.torch;
using static Microtome.Torch.torch.nn;

namespace Microtome.Torch.Modules;

/// <summary>A learnt vector for every number below <c>num_embeddings</c>.</summary>
public sealed class Embedding : Module<Tensor, Tensor>
{
    private readonly long padding;
    public Parameter weight { get; }

    internal Embedding(long num_embeddings, long embedding_dims, long? padding_idx, Device? device, ScalarType? dtype)
        : base(nameof(Embedding))
    {
        padding = padding_idx is < 0 ? num_embeddings + padding_idx.Value : padding_idx ?? -1;
        using var scope = NewDisposeScope();
        var start = randn([num_embeddings, embedding_dims], dtype, device);
        if (padding >= 0)
            start[padding].zero_();
        weight = new Parameter(start);
        register_parameter("weight", weight);
    }

    public override Tensor forward(Tensor input) => functional.embedding(input, weight, padding);
}
