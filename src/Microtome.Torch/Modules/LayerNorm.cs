using static Microtome.Torch.torch;
using static Microtome.Torch.torch.nn;

namespace Microtome.Torch.Modules;

/// <summary>Normalises over the last dimensions of every sample (arXiv 1607.06450).</summary>
public sealed class LayerNorm : Module<Tensor, Tensor>
{
    private readonly long[] shape;
    private readonly double eps;
    public Parameter? weight { get; }
    public Parameter? bias { get; }

    internal LayerNorm(long[] normalized_shape, double eps, bool elementwise_affine, bool bias, Device? device, ScalarType? dtype)
        : base(nameof(LayerNorm))
    {
        shape = normalized_shape;
        this.eps = eps;
        using var scope = NewDisposeScope();
        weight = elementwise_affine ? new Parameter(ones(shape, dtype, device)) : null;
        this.bias = elementwise_affine && bias ? new Parameter(zeros(shape, dtype, device)) : null;
        register_parameter("weight", weight);
        register_parameter("bias", this.bias);
    }

    public override Tensor forward(Tensor input) => functional.layer_norm(input, shape, weight, bias, eps);
}
