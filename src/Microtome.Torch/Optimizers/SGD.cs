using Microtome.Torch.Modules;

namespace Microtome.Torch;

/// <summary>Stochastic gradient descent with momentum v = mu v + (1 - dampening) g, w = w - lr v.</summary>
public sealed unsafe class SGD : Optimizer
{
    private readonly double momentum;
    private readonly double dampening;
    private readonly bool nesterov;

    internal SGD(IEnumerable<Parameter> parameters, double lr, double momentum, double dampening, double weight_decay, bool nesterov)
        : base(parameters, lr, weight_decay) => (this.momentum, this.dampening, this.nesterov) = (momentum, dampening, nesterov);

    internal SGD(IEnumerable<ParamGroup> groups, double momentum, double dampening, bool nesterov)
        : base(groups) => (this.momentum, this.dampening, this.nesterov) = (momentum, dampening, nesterov);

    private protected override void Prepare(ParamGroup group)
    {
        if (momentum != 0)
            AddState(group, "momentum_buffer");
    }

    private protected override void Step(ParamGroup group)
    {
        Prepare(group);
        using var parameters = new BorrowedTensors(group.Parameters);
        using var buffers = StateOf(group, "momentum_buffer");
        fixed (nint* p = parameters.Pointers, b = buffers?.Pointers)
            NativeMethods.Check(NativeMethods.mt_sgd_step(p, b, parameters.Pointers.Length, group.Steps == 1 ? 1 : 0, group.LearningRate, momentum, dampening, group.WeightDecay, nesterov ? 1 : 0));
    }
}
