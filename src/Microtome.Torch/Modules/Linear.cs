using static Microtome.Torch.torch;
using static Microtome.Torch.torch.nn;

namespace Microtome.Torch.Modules;

/// <summary>x weight^T + bias over the last dimension.</summary>
public sealed class Linear : Module<Tensor, Tensor>
{
    public Parameter weight { get; }
    public Parameter? bias { get; }

    internal Linear(long in_features, long out_features, bool bias, Device? device, ScalarType? dtype)
        : base(nameof(Linear))
    {
        using var scope = NewDisposeScope();
        weight = new Parameter(empty([out_features, in_features], dtype, device));
        this.bias = bias ? new Parameter(empty([out_features], dtype, device)) : null;
        register_parameter("weight", weight);
        register_parameter("bias", this.bias);
        init.ResetLinear(weight, this.bias);
    }

    public override Tensor forward(Tensor input) => functional.linear(input, weight, bias);
}
