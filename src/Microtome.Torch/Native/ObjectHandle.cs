namespace Microtome.Torch;

/// <summary>Owns an object of one of libtorch's classes, such as the packed weights of a quantized convolution.</summary>
internal sealed class ObjectHandle(nint value) : NativeHandle(value)
{
    protected override bool ReleaseHandle()
    {
        NativeMethods.mt_object_free(handle);
        return true;
    }
}
