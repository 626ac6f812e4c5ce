using System.Reflection;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Microtome.Imaging;

/// <summary>Finds the native libraries of this assembly and remembers every place that was tried.</summary>
internal static class NativeLibraries
{
    public const string Image = "microtome_image";
    public const string OpenSlide = "openslide";

    private static readonly string[] OpenSlideNames = ["libopenslide.so.1", "libopenslide.so.0", "libopenslide.so"];

    // CA2255: a resolver must be in place before the first P/Invoke of this assembly, whichever class makes it.
#pragma warning disable CA2255
    [ModuleInitializer]
    internal static void Install() => NativeLibrary.SetDllImportResolver(typeof(NativeLibraries).Assembly, Resolve);
#pragma warning restore CA2255

    private static IntPtr Resolve(string name, Assembly assembly, DllImportSearchPath? searchPath)
    {
        IEnumerable<string> candidates;
        if (name == OpenSlide)
            candidates = OpenSlideNames;
        else if (name == Image)
            candidates = Folders(assembly).Select(folder => Path.Combine(folder, "lib" + name + ".so"));
        else
            return IntPtr.Zero;

        var tried = new List<string>();
        foreach (string candidate in candidates.Distinct(StringComparer.Ordinal))
        {
            if (NativeLibrary.TryLoad(candidate, out IntPtr handle))
                return handle;
            tried.Add(candidate);
        }

        throw new DllNotFoundException($"lib{name}.so could not be loaded. Tried: {string.Join(", ", tried)}. To mend it, run ./microtome doctor.");
    }

    private static IEnumerable<string> Folders(Assembly assembly)
    {
        if (Environment.GetEnvironmentVariable("MICROTOME_NATIVE") is { Length: > 0 } given)
            yield return given;
        string start = Path.GetDirectoryName(assembly.Location) is { Length: > 0 } folder ? folder : AppContext.BaseDirectory;
        yield return start;
        for (DirectoryInfo? parent = new(start); parent is not null; parent = parent.Parent)
            yield return Path.Combine(parent.FullName, "out", "native");
    }
}
