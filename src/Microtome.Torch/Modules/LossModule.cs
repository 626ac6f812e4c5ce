using static Microtome.Torch.torch;
using static Microtome.Torch.torch.nn;

namespace Microtome.Torch.Modules;

/// <summary>A loss of a prediction and a target.</summary>
public sealed class LossModule : Module<Tensor, Tensor, Tensor>
{
    private readonly Func<Tensor, Tensor, Tensor?, Tensor> function;
    private readonly Tensor? weight;

    internal LossModule(string name, Tensor? weight, Func<Tensor, Tensor, Tensor?, Tensor> function)
        : base(name)
    {
        this.function = function;
        this.weight = weight;
        register_buffer("weight", weight, persistent: false);
    }

    public override Tensor forward(Tensor input, Tensor target) => function(input, target, weight);
}
