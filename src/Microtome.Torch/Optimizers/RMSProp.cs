using Microtome.Torch.Modules;

namespace Microtome.Torch;

/// <summary>Divides the gradient by the root of its running mean square (Hinton, lecture 6e of "Neural networks for machine learning").</summary>
public sealed unsafe class RMSProp : Optimizer
{
    private readonly double alpha;
    private readonly double eps;
    private readonly double momentum;
    private readonly bool centered;

    internal RMSProp(IEnumerable<Parameter> parameters, double lr, double alpha, double eps, double weight_decay, double momentum, bool centered)
        : base(parameters, lr, weight_decay) => (this.alpha, this.eps, this.momentum, this.centered) = (alpha, eps, momentum, centered);

    private protected override void Prepare(ParamGroup group)
    {
        AddState(group, "square_avg");
        if (momentum != 0)
            AddState(group, "momentum_buffer");
        if (centered)
            AddState(group, "grad_avg");
    }

    private protected override void Step(ParamGroup group)
    {
        Prepare(group);
        using var parameters = new BorrowedTensors(group.Parameters);
        using var squares = StateOf(group, "square_avg");
        using var buffers = StateOf(group, "momentum_buffer");
        using var means = StateOf(group, "grad_avg");
        fixed (nint* p = parameters.Pointers, s = squares?.Pointers, b = buffers?.Pointers, a = means?.Pointers)
            NativeMethods.Check(NativeMethods.mt_rmsprop_step(p, s, b, a, parameters.Pointers.Length, group.LearningRate, alpha, eps, group.WeightDecay, momentum));
    }
}
