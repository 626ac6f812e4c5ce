using System.Runtime.InteropServices;

namespace Microtome.Torch;

/// <summary>Points at a tensor that somebody else owns.</summary>
internal sealed class BorrowedHandle : SafeHandle
{
    internal BorrowedHandle(nint value)
        : base(0, ownsHandle: false) => SetHandle(value);

    public override bool IsInvalid => handle == 0;

    protected override bool ReleaseHandle() => true;
}
