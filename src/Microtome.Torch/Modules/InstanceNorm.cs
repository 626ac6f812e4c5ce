using static Microtome.Torch.torch;
using static Microtome.Torch.torch.nn;

namespace Microtome.Torch.Modules;

/// <summary>Normalises every channel of every sample by itself (arXiv 1607.08022).</summary>
public abstract class InstanceNorm : Module<Tensor, Tensor>
{
    private readonly double eps;
    private readonly double momentum;
    public Parameter? weight { get; }
    public Parameter? bias { get; }
    public Tensor? running_mean { get; }
    public Tensor? running_var { get; }

    private protected InstanceNorm(string name, long features, double eps, double momentum, bool affine, bool track_running_stats, Device? device, ScalarType? dtype)
        : base(name)
    {
        this.eps = eps;
        this.momentum = momentum;
        using var scope = NewDisposeScope();
        weight = affine ? new Parameter(ones([features], dtype, device)) : null;
        bias = affine ? new Parameter(zeros([features], dtype, device)) : null;
        running_mean = track_running_stats ? zeros([features], dtype, device) : null;
        running_var = track_running_stats ? ones([features], dtype, device) : null;
        register_parameter("weight", weight);
        register_parameter("bias", bias);
        register_buffer("running_mean", running_mean);
        register_buffer("running_var", running_var);
    }

    public override Tensor forward(Tensor input) =>
        functional.instance_norm(input, running_mean, running_var, weight, bias, training || running_mean is null, momentum, eps);
}
