using System.Runtime.InteropServices;

namespace Microtome.Imaging;

/// <summary>Owns an <c>openslide_t</c>. Reads in flight keep it alive; it is closed when the last of them has returned.</summary>
internal sealed class OpenSlideHandle : SafeHandle
{
    private static int s_live;

    public OpenSlideHandle()
        : base(IntPtr.Zero, ownsHandle: true)
    {
        Interlocked.Increment(ref s_live);
    }

    /// <summary>Handles made and not yet released, open or failed; zero when nothing leaks.</summary>
    public static int Live => Volatile.Read(ref s_live);

    public override bool IsInvalid => handle == IntPtr.Zero;

    protected override bool ReleaseHandle()
    {
        OpenSlideNative.openslide_close(handle);
        Interlocked.Decrement(ref s_live);
        return true;
    }

    protected override void Dispose(bool disposing)
    {
        // ReleaseHandle is not called for an invalid handle, which was counted all the same.
        if (IsInvalid && !IsClosed)
            Interlocked.Decrement(ref s_live);
        base.Dispose(disposing);
    }
}
