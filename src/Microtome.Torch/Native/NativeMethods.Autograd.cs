using System.Runtime.InteropServices;

namespace Microtome.Torch;

// Gradients: autograd.cpp.
internal static unsafe partial class NativeMethods
{
    [LibraryImport(Library)] internal static partial int mt_tensor_requires_grad(TensorHandle tensor);
    [LibraryImport(Library)] internal static partial int mt_tensor_set_requires_grad(TensorHandle tensor, int on);
    [LibraryImport(Library)] internal static partial int mt_tensor_is_leaf(TensorHandle tensor);
    [LibraryImport(Library)] internal static partial int mt_tensor_grad(TensorHandle tensor, out nint result);
    [LibraryImport(Library)] internal static partial int mt_tensor_set_grad(TensorHandle tensor, nint grad);
    [LibraryImport(Library)] internal static partial int mt_tensor_retain_grad(TensorHandle tensor);
    [LibraryImport(Library)] internal static partial int mt_tensor_set_data(TensorHandle tensor, TensorHandle data);
    [LibraryImport(Library)] internal static partial int mt_backward(nint* tensors, nint* gradients, int count, int retainGraph, int createGraph);
    [LibraryImport(Library)]
    internal static partial int mt_grad(nint* outputs, int outputCount, nint* inputs, int inputCount, nint* gradients,
        int retainGraph, int createGraph, int allowUnused, nint* results);
    [LibraryImport(Library)] internal static partial int mt_grad_enabled();
    [LibraryImport(Library)] internal static partial void mt_set_grad_enabled(int on);
    [LibraryImport(Library)] internal static partial int mt_inference_mode_enter(int on, out nint guard);
    [LibraryImport(Library)] internal static partial void mt_inference_mode_leave(nint guard);
    [LibraryImport(Library)] internal static partial void mt_set_anomaly(int on);
    [LibraryImport(Library)] internal static partial int mt_autocast_enter(int deviceType, int dtype, int on, out nint guard);
    [LibraryImport(Library)] internal static partial void mt_autocast_leave(nint guard);
}
