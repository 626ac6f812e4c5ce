using System.Runtime.InteropServices;

namespace Microtome.Torch;

/// <summary>Owns a TorchScript module.</summary>
internal sealed class ModuleHandle : SafeHandle
{
    public ModuleHandle()
        : base(0, ownsHandle: true)
    {
    }

    internal ModuleHandle(nint value)
        : base(0, ownsHandle: true) => SetHandle(value);

    public override bool IsInvalid => handle == 0;

    protected override bool ReleaseHandle()
    {
        NativeMethods.mt_module_free(handle);
        return true;
    }
}
