using System.Runtime.InteropServices;

namespace Microtome.Learning;

/// <summary>
/// Tells the C library to keep freed memory. A network frees and takes the same buffers of tens of megabytes for every window; given back to the kernel each time,
/// a fifth of the time goes into clearing fresh pages.
/// </summary>
public static partial class NativeMemory
{
    private const int TrimThreshold = -1;
    private const int MmapThreshold = -3;
    private const int MmapMax = -4;
    private const int ArenaMax = -8;

    /// <summary>Sets it for the whole process.</summary>
    /// <param name="large">Also for buffers above 32 MB, as batches of training need them; memory that was once used is then never given back.</param>
    public static void KeepFreed(bool large = false)
    {
        if (!OperatingSystem.IsLinux())
            return;
        try
        {
            _ = MallOpt(ArenaMax, 1);
            _ = MallOpt(MmapThreshold, 32 << 20);
            _ = MallOpt(TrimThreshold, large ? int.MaxValue : 1 << 30);
            if (large)
                _ = MallOpt(MmapMax, 0);
        }
        catch (EntryPointNotFoundException)
        {
            // Another C library (musl) has no such settings.
        }
    }

    [LibraryImport("libc", EntryPoint = "mallopt")]
    private static partial int MallOpt(int parameter, int value);
}
