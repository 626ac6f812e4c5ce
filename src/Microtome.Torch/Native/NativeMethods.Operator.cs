using System.Runtime.InteropServices;

namespace Microtome.Torch;

// Operators by name: operator.cpp.
internal static unsafe partial class NativeMethods
{
    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)] internal static partial int mt_operator_find(string name, out nint handle);
    [LibraryImport(Library)] internal static partial nint mt_operator_schema(nint handle);
    [LibraryImport(Library)] internal static partial int mt_operator_call(nint handle, NativeValue* args, int count, out NativeValue* results, out int resultCount);
}
