using static Microtome.Torch.torch;
using static Microtome.Torch.torch.nn;

namespace Microtome.Torch.Modules;

/// <summary>Normalises groups of channels of every sample (arXiv 1803.08494).</summary>
public sealed class GroupNorm : Module<Tensor, Tensor>
{
    private readonly long groups;
    private readonly double eps;
    public Parameter? weight { get; }
    public Parameter? bias { get; }

    internal GroupNorm(long num_groups, long num_channels, double eps, bool affine, Device? device, ScalarType? dtype)
        : base(nameof(GroupNorm))
    {
        if (num_groups < 1 || num_channels % num_groups != 0)
            throw new ArgumentException($"GroupNorm: {num_channels} channels cannot be cut into {num_groups} equal groups.");
        groups = num_groups;
        this.eps = eps;
        using var scope = NewDisposeScope();
        weight = affine ? new Parameter(ones([num_channels], dtype, device)) : null;
        bias = affine ? new Parameter(zeros([num_channels], dtype, device)) : null;
        register_parameter("weight", weight);
        register_parameter("bias", bias);
    }

    public override Tensor forward(Tensor input) => functional.group_norm(input, groups, weight, bias, eps);
}
