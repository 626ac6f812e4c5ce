using static Microtome.Torch.torch;
using static Microtome.Torch.torch.nn;

namespace Microtome.Torch.Modules;

/// <summary>(x - mean) / sqrt(var + eps) weight + bias per channel: statistics of the batch while training, running ones else (arXiv 1502.03167).</summary>
public abstract class BatchNorm : Module<Tensor, Tensor>
{
    public Parameter? weight { get; }
    public Parameter? bias { get; }
    public Tensor? running_mean { get; }
    public Tensor? running_var { get; }
    public Tensor? num_batches_tracked { get; }
    public double eps { get; }
    public double? momentum { get; set; }

    private protected BatchNorm(string name, long features, double eps, double? momentum, bool affine, bool track_running_stats, Device? device, ScalarType? dtype)
        : base(name)
    {
        this.eps = eps;
        this.momentum = momentum;
        using var scope = NewDisposeScope();
        weight = affine ? new Parameter(ones([features], dtype, device)) : null;
        bias = affine ? new Parameter(zeros([features], dtype, device)) : null;
        running_mean = track_running_stats ? zeros([features], dtype, device) : null;
        running_var = track_running_stats ? ones([features], dtype, device) : null;
        num_batches_tracked = track_running_stats ? zeros([], ScalarType.Int64, device) : null;
        register_parameter("weight", weight);
        register_parameter("bias", bias);
        register_buffer("running_mean", running_mean);
        register_buffer("running_var", running_var);
        register_buffer("num_batches_tracked", num_batches_tracked);
    }

    public override Tensor forward(Tensor input)
    {
        var rate = momentum ?? 0;
        if (training && num_batches_tracked is { } count)
        {
            count.add_(1);
            if (momentum is null)
                rate = 1.0 / count.item<long>();
        }
        return functional.batch_norm(input, running_mean, running_var, weight, bias, training || running_mean is null, rate, eps);
    }
}
