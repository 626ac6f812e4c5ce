using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Microtome.Decoding;

/// <summary>Memory outside the managed heap: aligned, on huge pages where the system allows them.</summary>
internal sealed unsafe partial class NativeBuffer : SafeHandle
{
    private const int HugePage = 2 << 20;
    private const int Line = 64;
    private const int AdviseHugePages = 14;

    /// <summary>Takes the memory.</summary>
    /// <param name="bytes">Its size; 0 is allowed.</param>
    /// <param name="clear">Zeroed; otherwise the pages are taken when they are used.</param>
    /// <exception cref="OutOfMemoryException">The system has none left.</exception>
    public NativeBuffer(long bytes, bool clear = true)
        : base(0, ownsHandle: true)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(bytes);
        Bytes = bytes;
        var large = bytes >= HugePage;
        var size = (nuint)(large ? (bytes + HugePage - 1) / HugePage * HugePage : Math.Max(bytes, Line));
        var data = NativeMemory.AlignedAlloc(size, (nuint)(large ? HugePage : Line));
        SetHandle((nint)data);
        if (large && OperatingSystem.IsLinux())
            _ = Advise(data, size, AdviseHugePages);
        if (clear)
            NativeMemory.Clear(data, size);
    }

    public long Bytes { get; }

    public override bool IsInvalid => handle == 0;

    public byte* Data => (byte*)handle;

    public float* Floats => (float*)handle;

    /// <summary>For <paramref name="count"/> elements of a type.</summary>
    public static NativeBuffer Of<T>(long count, bool clear = true)
        where T : unmanaged => new(checked(count * Unsafe.SizeOf<T>()), clear);

    protected override bool ReleaseHandle()
    {
        NativeMemory.AlignedFree((void*)handle);
        return true;
    }

    [LibraryImport("libc", EntryPoint = "madvise")]
    private static partial int Advise(void* address, nuint length, int advice);
}
