using System.Runtime.InteropServices;

namespace Microtome.Imaging;

/// <summary>Owns an <c>mti_image</c>.</summary>
internal sealed class VipsHandle : SafeHandle
{
    public VipsHandle()
        : base(IntPtr.Zero, ownsHandle: true)
    {
    }

    public override bool IsInvalid => handle == IntPtr.Zero;

    /// <summary>The message of the calling thread's last failure.</summary>
    public static string LastError => Marshal.PtrToStringUTF8(ImageNative.mti_last_error()) ?? "libvips gave no reason";

    /// <summary>Size, samples and resolution of the picture.</summary>
    public ImageNative.Info Info
    {
        get
        {
            _ = ImageNative.mti_get_info(this, out ImageNative.Info info);
            return info;
        }
    }

    protected override bool ReleaseHandle()
    {
        ImageNative.mti_close(handle);
        return true;
    }
}
