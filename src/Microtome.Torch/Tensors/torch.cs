using System.Runtime.InteropServices;

namespace Microtome.Torch;

/// <summary>
/// The tensor library, with PyTorch's names in PyTorch's places (and TorchSharp's way to spell them in C#).
/// Write <c>using static Microtome.Torch.torch;</c> to use them bare.
/// </summary>
public static partial class torch
{
    /// <summary>The release of libtorch that is loaded, for example 1.13.0.</summary>
    public static string __version__ => Marshal.PtrToStringUTF8(NativeMethods.mt_torch_version())!;

    /// <summary>Compiler, BLAS, oneDNN and OpenMP of the libtorch that is loaded.</summary>
    public static string show_config() => Marshal.PtrToStringUTF8(NativeMethods.mt_build_info())!;

    /// <summary>Begins a scope that disposes the tensors made in it on this thread.</summary>
    public static DisposeScope NewDisposeScope() => new();

    /// <summary>Tensors that C# holds at this moment, in all threads.</summary>
    public static long live_tensors => NativeMethods.mt_tensor_live_count();

    /// <summary>Seeds every generator of every device.</summary>
    public static void manual_seed(long seed) => NativeMethods.Check(NativeMethods.mt_manual_seed(seed));

    /// <summary>The state of a device's generator (the CPU's unless named), to be given to <see cref="set_rng_state"/> for an exact resume.</summary>
    public static Tensor get_rng_state(Device? device = null)
    {
        NativeMethods.Check(NativeMethods.mt_get_generator_state((device ?? CPU).Code, out var state));
        return new Tensor(state);
    }

    public static void set_rng_state(Tensor state, Device? device = null) => NativeMethods.Check(NativeMethods.mt_set_generator_state((device ?? CPU).Code, state.handle));

    /// <summary>Threads inside one operator. libtorch begins with one on some builds: set it to the core count.</summary>
    public static void set_num_threads(int threads) => NativeMethods.Check(NativeMethods.mt_set_num_threads(threads));
    public static int get_num_threads() => NativeMethods.mt_get_num_threads();
    public static void set_num_interop_threads(int threads) => NativeMethods.Check(NativeMethods.mt_set_num_interop_threads(threads));

    /// <summary>Treats denormal numbers as zero on this thread. Returns false where the processor cannot.</summary>
    public static bool set_flush_denormal(bool on) => NativeMethods.mt_set_flush_denormal(on ? 1 : 0) != 0;

    public static void use_deterministic_algorithms(bool on) => NativeMethods.mt_set_deterministic(on ? 1 : 0);

    public static class cuda
    {
        public static bool is_available() => device_count() > 0;
        public static int device_count() => NativeMethods.mt_cuda_device_count();
        public static void synchronize(int index = 0) => NativeMethods.Check(NativeMethods.mt_cuda_synchronize(index));
    }

    public static partial class backends
    {
        /// <summary>Lets matrix products and convolutions on CUDA use TF32.</summary>
        public static void allow_tf32(bool on) => NativeMethods.mt_set_tf32(on ? 1 : 0);
        public static void cudnn_benchmark(bool on) => NativeMethods.mt_set_cudnn_benchmark(on ? 1 : 0);
    }
}
