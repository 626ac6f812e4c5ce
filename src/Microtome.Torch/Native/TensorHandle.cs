namespace Microtome.Torch;

/// <summary>Owns one reference to a native tensor.</summary>
internal sealed class TensorHandle(nint value) : NativeHandle(value)
{
    public TensorHandle()
        : this(0)
    {
    }

    protected override bool ReleaseHandle()
    {
        NativeMethods.mt_tensor_free(handle);
        return true;
    }
}
