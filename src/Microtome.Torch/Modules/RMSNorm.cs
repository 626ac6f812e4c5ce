using static Microtome.Torch.torch;
using static Microtome.Torch.torch.nn;

namespace Microtome.Torch.Modules;

/// <summary>Divides by the root mean square over the last dimensions (arXiv 1910.07467).</summary>
public sealed class RMSNorm : Module<Tensor, Tensor>
{
    private readonly long[] shape;
    private readonly double eps;
    public Parameter? weight { get; }

    internal RMSNorm(long[] normalized_shape, double eps, bool elementwise_affine, Device? device, ScalarType? dtype)
        : base(nameof(RMSNorm))
    {
        shape = normalized_shape;
        this.eps = eps;
        using var scope = NewDisposeScope();
        weight = elementwise_affine ? new Parameter(ones(shape, dtype, device)) : null;
        register_parameter("weight", weight);
    }

    public override Tensor forward(Tensor input) => functional.rms_norm(input, shape, weight, eps);
}
