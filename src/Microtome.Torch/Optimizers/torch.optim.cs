using Microtome.Torch.Modules;

namespace Microtome.Torch;

public static partial class torch
{
    /// <summary>Optimisers and schedules of their learning rates.</summary>
    public static partial class optim
    {
        public static AdamW AdamW(IEnumerable<Parameter> parameters, double lr = 1e-3, double beta1 = 0.9, double beta2 = 0.999, double eps = 1e-8, double weight_decay = 1e-2, bool amsgrad = false) =>
            new(parameters, lr, beta1, beta2, eps, weight_decay, amsgrad);
        public static AdamW AdamW(IEnumerable<ParamGroup> groups, double beta1 = 0.9, double beta2 = 0.999, double eps = 1e-8, bool amsgrad = false) =>
            new(groups, beta1, beta2, eps, amsgrad);
        public static Adam Adam(IEnumerable<Parameter> parameters, double lr = 1e-3, double beta1 = 0.9, double beta2 = 0.999, double eps = 1e-8, double weight_decay = 0, bool amsgrad = false) =>
            new(parameters, lr, beta1, beta2, eps, weight_decay, amsgrad, decoupled: false);
        public static Adam Adam(IEnumerable<ParamGroup> groups, double beta1 = 0.9, double beta2 = 0.999, double eps = 1e-8, bool amsgrad = false) =>
            new(groups, beta1, beta2, eps, amsgrad, decoupled: false);
        public static SGD SGD(IEnumerable<Parameter> parameters, double learningRate, double momentum = 0, double dampening = 0, double weight_decay = 0, bool nesterov = false) =>
            new(parameters, learningRate, momentum, dampening, weight_decay, nesterov);
        public static SGD SGD(IEnumerable<ParamGroup> groups, double momentum = 0, double dampening = 0, bool nesterov = false) => new(groups, momentum, dampening, nesterov);
        public static RMSProp RMSProp(IEnumerable<Parameter> parameters, double learningRate = 0.01, double alpha = 0.99, double eps = 1e-8, double weight_decay = 0, double momentum = 0, bool centered = false) =>
            new(parameters, learningRate, alpha, eps, weight_decay, momentum, centered);

        internal static unsafe void ZeroGrad(IReadOnlyList<Tensor> parameters, bool set_to_none)
        {
            using var list = new BorrowedTensors(parameters);
            fixed (nint* p = list.Pointers)
                NativeMethods.Check(NativeMethods.mt_zero_grad(p, list.Pointers.Length, set_to_none ? 1 : 0));
        }
    }
}
