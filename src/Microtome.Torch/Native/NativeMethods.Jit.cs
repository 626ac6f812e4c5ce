using System.Runtime.InteropServices;

namespace Microtome.Torch;

// TorchScript files: jit.cpp.
internal static unsafe partial class NativeMethods
{
    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)] internal static partial int mt_module_load(string path, int device, out nint module);
    [LibraryImport(Library)] internal static partial void mt_module_free(nint module);
    [LibraryImport(Library)] internal static partial int mt_module_train(ModuleHandle module, int on);
    [LibraryImport(Library)] internal static partial int mt_module_is_training(ModuleHandle module);
    [LibraryImport(Library)] internal static partial int mt_module_freeze(ModuleHandle module);
    [LibraryImport(Library)]
    internal static partial int mt_module_forward(ModuleHandle module, nint* inputs, int count, nint* outputs, int capacity, out int outputCount, out int isTuple);
    [LibraryImport(Library)]
    internal static partial int mt_module_attributes(ModuleHandle module, int parameters, delegate* unmanaged<byte*, nint, nint, void> visit, nint state);
}
