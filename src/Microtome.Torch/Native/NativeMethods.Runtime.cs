using System.Runtime.InteropServices;

namespace Microtome.Torch;

// Errors, versions, threads, random numbers: runtime.cpp.
internal static partial class NativeMethods
{
    [LibraryImport(Library)] internal static partial nint mt_last_error();
    [LibraryImport(Library)] internal static partial int mt_abi_version();
    [LibraryImport(Library)] internal static partial nint mt_torch_version();
    [LibraryImport(Library)] internal static partial nint mt_build_info();
    [LibraryImport(Library)] internal static partial int mt_manual_seed(long seed);
    [LibraryImport(Library)] internal static partial int mt_get_generator_state(int device, out nint state);
    [LibraryImport(Library)] internal static partial int mt_set_generator_state(int device, TensorHandle state);
    [LibraryImport(Library)] internal static partial int mt_set_num_threads(int threads);
    [LibraryImport(Library)] internal static partial int mt_get_num_threads();
    [LibraryImport(Library)] internal static partial int mt_set_num_interop_threads(int threads);
    [LibraryImport(Library)] internal static partial int mt_set_flush_denormal(int on);
    [LibraryImport(Library)] internal static partial void mt_set_deterministic(int on);
    [LibraryImport(Library)] internal static partial int mt_cuda_device_count();
    [LibraryImport(Library)] internal static partial int mt_cuda_synchronize(int index);
    [LibraryImport(Library)] internal static partial void mt_set_tf32(int on);
    [LibraryImport(Library)] internal static partial void mt_set_cudnn_benchmark(int on);
}
