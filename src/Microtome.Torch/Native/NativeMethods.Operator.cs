using System.Runtime.InteropServices;

namespace Microtome.Torch;

// Operators by name: operator.cpp.
internal static unsafe partial class NativeMethods
{
    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)] internal static partial int mt_operator_find(string name, out nint handle);
    [LibraryImport(Library)] internal static partial nint mt_operator_schema(nint handle);
    [LibraryImport(Library)] internal static partial void mt_object_free(nint value);
    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)] internal static partial int mt_quantized_engine_exists(string name);
    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)] internal static partial int mt_set_quantized_engine(string name);
    [LibraryImport(Library)] internal static partial int mt_operator_call(nint handle, NativeValue* args, int count, out NativeValue* results, out int resultCount);
}
