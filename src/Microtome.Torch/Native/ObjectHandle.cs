using System.Runtime.InteropServices;

namespace Microtome.Torch;

/// <summary>Owns an object of one of libtorch's classes, such as the packed weights of a quantized convolution.</summary>
internal sealed class ObjectHandle : SafeHandle
{
    internal ObjectHandle(nint value)
        : base(0, ownsHandle: true) => SetHandle(value);

    public override bool IsInvalid => handle == 0;

    /// <summary>The raw pointer, kept alive until <see cref="Return"/>. Throws when the object was disposed.</summary>
    internal nint Borrow()
    {
        var added = false;
        DangerousAddRef(ref added);
        return handle;
    }

    internal void Return() => DangerousRelease();

    protected override bool ReleaseHandle()
    {
        NativeMethods.mt_object_free(handle);
        return true;
    }
}
