using System.Runtime.InteropServices;

namespace Microtome.Torch;

// Tensors: tensor.cpp.
internal static unsafe partial class NativeMethods
{
    [LibraryImport(Library)] internal static partial void mt_tensor_free(nint tensor);
    [LibraryImport(Library)] internal static partial long mt_tensor_live_count();
    [LibraryImport(Library)] internal static partial int mt_tensor_from_data(void* data, long bytes, long* shape, int dims, int dtype, int device, out nint result);
    [LibraryImport(Library)] internal static partial void mt_tensor_describe(TensorHandle tensor, out int dtype, out int device, out int dims);
    [LibraryImport(Library)] internal static partial int mt_tensor_dims(TensorHandle tensor);
    [LibraryImport(Library)] internal static partial long mt_tensor_numel(TensorHandle tensor);
    [LibraryImport(Library)] internal static partial long mt_tensor_itemsize(TensorHandle tensor);
    [LibraryImport(Library)] internal static partial void mt_tensor_sizes(TensorHandle tensor, long* sizes);
    [LibraryImport(Library)] internal static partial void mt_tensor_strides(TensorHandle tensor, long* strides);
    [LibraryImport(Library)] internal static partial int mt_tensor_is_contiguous(TensorHandle tensor, int memoryFormat);
    [LibraryImport(Library)] internal static partial int mt_tensor_data_ptr(TensorHandle tensor, out nint pointer);
    [LibraryImport(Library)] internal static partial int mt_tensor_copy_out(TensorHandle tensor, void* data, long bytes);
    [LibraryImport(Library)] internal static partial int mt_tensor_copy_in(TensorHandle tensor, void* data, long bytes);
    [LibraryImport(Library)] internal static partial int mt_tensor_alias(SafeHandle tensor, out nint result);
    [LibraryImport(Library)] internal static partial int mt_tensor_same(TensorHandle a, TensorHandle b);
}
