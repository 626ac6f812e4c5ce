namespace Microtome.Torch;

public static partial class torch
{
    /// <summary>No gradients are recorded on this thread until the result is disposed.</summary>
    public static IDisposable no_grad() => new GradMode(false);
    public static IDisposable enable_grad(bool enabled = true) => new GradMode(enabled);
    public static IDisposable set_grad_enabled(bool enabled) => new GradMode(enabled);
    public static bool is_grad_enabled() => NativeMethods.mt_grad_enabled() != 0;

    /// <summary>Like <see cref="no_grad"/> and without version counters: the fastest, for tensors that never meet a gradient.</summary>
    public static IDisposable inference_mode(bool mode = true) => new InferenceMode(mode);

    /// <summary>Mixed precision for the operators that stand it, until the result is disposed.</summary>
    public static IDisposable autocast(DeviceType device_type, ScalarType dtype = ScalarType.BFloat16, bool enabled = true) => new Autocast(device_type, dtype, enabled);

    private sealed class GradMode : IDisposable
    {
        private readonly bool before = is_grad_enabled();
        internal GradMode(bool enabled) => NativeMethods.mt_set_grad_enabled(enabled ? 1 : 0);
        public void Dispose() => NativeMethods.mt_set_grad_enabled(before ? 1 : 0);
    }

    private sealed class InferenceMode : IDisposable
    {
        private nint guard;
        internal InferenceMode(bool mode) => NativeMethods.Check(NativeMethods.mt_inference_mode_enter(mode ? 1 : 0, out guard));

        public void Dispose()
        {
            if (guard != 0)
                NativeMethods.mt_inference_mode_leave(guard);
            guard = 0;
        }
    }

    private sealed class Autocast : IDisposable
    {
        private nint guard;
        internal Autocast(DeviceType type, ScalarType dtype, bool on) => NativeMethods.Check(NativeMethods.mt_autocast_enter((int)type, (int)dtype, on ? 1 : 0, out guard));

        public void Dispose()
        {
            if (guard != 0)
                NativeMethods.mt_autocast_leave(guard);
            guard = 0;
        }
    }

    public static unsafe partial class autograd
    {
        /// <summary>Gradients of the outputs with respect to the inputs; an entry is null only where an input is unused and that is allowed.</summary>
        public static Tensor?[] grad(IReadOnlyList<Tensor> outputs, IReadOnlyList<Tensor> inputs, IReadOnlyList<Tensor>? grad_outputs = null,
            bool retain_graph = false, bool create_graph = false, bool allow_unused = false)
        {
            if (grad_outputs is not null && grad_outputs.Count != outputs.Count)
                throw new ArgumentException($"{outputs.Count} outputs need as many gradients, not {grad_outputs.Count}.");
            using var from = new BorrowedTensors(outputs);
            using var to = new BorrowedTensors(inputs);
            using var seeds = new BorrowedTensors(grad_outputs ?? []);
            var results = new nint[inputs.Count];
            fixed (nint* a = from.Pointers, b = to.Pointers, c = seeds.Pointers, r = results)
                NativeMethods.Check(NativeMethods.mt_grad(a, outputs.Count, b, inputs.Count, grad_outputs is null ? null : c,
                    retain_graph ? 1 : 0, create_graph ? 1 : 0, allow_unused ? 1 : 0, r));
            return Array.ConvertAll(results, p => p == 0 ? null : new Tensor(p));
        }

        /// <summary>Adds the gradients of the tensors to the leaves they were made from.</summary>
        public static void backward(IReadOnlyList<Tensor> tensors, IReadOnlyList<Tensor?>? grad_tensors = null, bool retain_graph = false, bool create_graph = false)
        {
            if (grad_tensors is not null && grad_tensors.Count != tensors.Count)
                throw new ArgumentException($"{tensors.Count} tensors need as many gradients, not {grad_tensors.Count}.");
            using var from = new BorrowedTensors(tensors);
            using var seeds = new BorrowedTensors(grad_tensors ?? []);
            fixed (nint* a = from.Pointers, c = seeds.Pointers)
                NativeMethods.Check(NativeMethods.mt_backward(a, grad_tensors is null ? null : c, tensors.Count, retain_graph ? 1 : 0, create_graph ? 1 : 0));
        }

        /// <summary>Names the forward operator whose backward produced a NaN; slow, for looking for mistakes.</summary>
        public static void set_detect_anomaly(bool on) => NativeMethods.mt_set_anomaly(on ? 1 : 0);
    }

    public partial class Tensor
    {
        public bool requires_grad
        {
            get => NativeMethods.mt_tensor_requires_grad(handle) != 0;
            set => NativeMethods.Check(NativeMethods.mt_tensor_set_requires_grad(handle, value ? 1 : 0));
        }

        public Tensor requires_grad_(bool requires_grad = true)
        {
            this.requires_grad = requires_grad;
            return this;
        }

        public bool is_leaf => NativeMethods.mt_tensor_is_leaf(handle) != 0;

        /// <summary>The gradient collected so far, or null. Each reading makes a new object for the same memory.</summary>
        public Tensor? grad
        {
            get
            {
                NativeMethods.Check(NativeMethods.mt_tensor_grad(handle, out var result));
                return result == 0 ? null : new Tensor(result);
            }
            set
            {
                var pointer = value?.handle.Borrow() ?? 0;
                try
                {
                    NativeMethods.Check(NativeMethods.mt_tensor_set_grad(handle, pointer));
                }
                finally
                {
                    if (pointer != 0)
                        value!.handle.Return();
                }
            }
        }

        /// <summary>Keeps the gradient of a tensor that is not a leaf.</summary>
        public void retain_grad() => NativeMethods.Check(NativeMethods.mt_tensor_retain_grad(handle));

        /// <summary>Adds the gradients of this tensor to the leaves it was made from.</summary>
        public void backward(Tensor? gradient = null, bool retain_graph = false, bool create_graph = false) =>
            autograd.backward([this], gradient is null ? null : [gradient], retain_graph, create_graph);

        /// <summary>Makes this object stand for other data; its identity as a leaf stays.</summary>
        /// <summary>Makes this tensor use the memory of another of the same shape; what refers to the tensor stays valid.</summary>
        public void set_data(Tensor data) => NativeMethods.Check(NativeMethods.mt_tensor_set_data(handle, data.handle));

        public Tensor detach() => Operator.Tensor("detach", this);
        public Tensor detach_() => Operator.InPlace("detach_", this);
    }
}
