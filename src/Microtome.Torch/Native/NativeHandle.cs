using System.Runtime.InteropServices;

namespace Microtome.Torch;

/// <summary>Owns something native that calls borrow for their length.</summary>
internal abstract class NativeHandle : SafeHandle
{
    protected NativeHandle(nint value)
        : base(0, ownsHandle: true) => SetHandle(value);

    public override bool IsInvalid => handle == 0;

    /// <summary>The raw pointer, kept alive until <see cref="Return"/>. Throws when it was disposed.</summary>
    internal nint Borrow()
    {
        var added = false;
        DangerousAddRef(ref added);
        return handle;
    }

    internal void Return() => DangerousRelease();
}
