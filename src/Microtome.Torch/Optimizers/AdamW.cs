using Microtome.Torch.Modules;

namespace Microtome.Torch;

/// <summary>Adam with decoupled weight decay (arXiv 1711.05101).</summary>
public sealed class AdamW : Adam
{
    internal AdamW(IEnumerable<Parameter> parameters, double lr, double beta1, double beta2, double eps, double weight_decay, bool amsgrad)
        : base(parameters, lr, beta1, beta2, eps, weight_decay, amsgrad, decoupled: true)
    {
    }

    internal AdamW(IEnumerable<ParamGroup> groups, double beta1, double beta2, double eps, bool amsgrad)
        : base(groups, beta1, beta2, eps, amsgrad, decoupled: true)
    {
    }
}
