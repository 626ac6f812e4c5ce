using static Microtome.Torch.torch;
using static Microtome.Torch.torch.nn;

namespace Microtome.Torch.Modules;

/// <summary>A module without parameters: activations, pooling, resizing.</summary>
public sealed class FunctionModule : Module<Tensor, Tensor>
{
    private readonly Func<Tensor, Tensor> function;

    internal FunctionModule(string name, Func<Tensor, Tensor> function)
        : base(name) => this.function = function;

    public override Tensor forward(Tensor input) => function(input);
}
