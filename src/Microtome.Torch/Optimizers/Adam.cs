using Microtome.Torch.Modules;

namespace Microtome.Torch;

/// <summary>Adam (arXiv 1412.6980), and AdamW with decoupled weight decay (arXiv 1711.05101).</summary>
public unsafe class Adam : Optimizer
{
    private readonly double beta1;
    private readonly double beta2;
    private readonly double eps;
    private readonly bool amsgrad;
    private readonly bool decoupled;

    internal Adam(IEnumerable<Parameter> parameters, double lr, double beta1, double beta2, double eps, double weight_decay, bool amsgrad, bool decoupled)
        : this([new ParamGroup(parameters, lr, weight_decay)], beta1, beta2, eps, amsgrad, decoupled)
    {
    }

    internal Adam(IEnumerable<ParamGroup> groups, double beta1, double beta2, double eps, bool amsgrad, bool decoupled)
        : base(groups)
    {
        if (beta1 is not (>= 0 and < 1) || beta2 is not (>= 0 and < 1))
            throw new ArgumentOutOfRangeException(nameof(beta1), $"{beta1}, {beta2}", "Adam's betas lie in [0, 1).");
        (this.beta1, this.beta2, this.eps, this.amsgrad, this.decoupled) = (beta1, beta2, eps, amsgrad, decoupled);
    }

    private protected override void Prepare(ParamGroup group)
    {
        AddState(group, "exp_avg");
        AddState(group, "exp_avg_sq");
        if (amsgrad)
            AddState(group, "max_exp_avg_sq");
    }

    private protected override void Step(ParamGroup group)
    {
        Prepare(group);
        using var parameters = new BorrowedTensors(group.Parameters);
        using var first = StateOf(group, "exp_avg");
        using var second = StateOf(group, "exp_avg_sq");
        using var top = StateOf(group, "max_exp_avg_sq");
        var count = parameters.Pointers.Length;
        for (var i = 0; i < count; i++)
        {
            using var gradient = group.Parameters[i].grad;
            if (gradient is not null)
                group.ParameterSteps[i]++;
        }
        fixed (nint* p = parameters.Pointers, m = first?.Pointers, v = second?.Pointers, x = top?.Pointers)
        fixed (long* s = group.ParameterSteps)
            NativeMethods.Check(NativeMethods.mt_adam_step(p, m, v, x, s, count, group.LearningRate, beta1, beta2, eps, group.WeightDecay, decoupled ? 1 : 0));
    }
}
