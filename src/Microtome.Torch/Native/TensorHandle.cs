using System.Runtime.InteropServices;

namespace Microtome.Torch;

/// <summary>Owns one reference to a native tensor.</summary>
internal sealed class TensorHandle : SafeHandle
{
    public TensorHandle()
        : base(0, ownsHandle: true)
    {
    }

    internal TensorHandle(nint value)
        : base(0, ownsHandle: true)
    {
        SetHandle(value);
    }

    public override bool IsInvalid => handle == 0;

    /// <summary>The raw pointer, kept alive until <see cref="Return"/>. Throws when the tensor was disposed.</summary>
    internal nint Borrow()
    {
        var added = false;
        DangerousAddRef(ref added);
        return handle;
    }

    internal void Return() => DangerousRelease();

    protected override bool ReleaseHandle()
    {
        NativeMethods.mt_tensor_free(handle);
        return true;
    }
}
