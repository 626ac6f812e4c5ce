using System.Runtime.InteropServices;

namespace Microtome.Torch;

// Operators written in C#: function.cpp.
internal static unsafe partial class NativeMethods
{
    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)] internal static partial void mt_set_error(string message);
    [LibraryImport(Library)]
    internal static partial int mt_function_record(nint* inputs, int inputCount, nint* outputs, int outputCount,
        delegate* unmanaged<nint, nint*, int, nint*, int, int> backward, delegate* unmanaged<nint, void> release, nint context, nint* results);
}
