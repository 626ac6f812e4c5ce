using System.Reflection;
using System.Runtime.InteropServices;

namespace Microtome.Torch;

/// <summary>The raw declarations of native/torch/microtome_torch.h, one partial file per chapter, and the loader.</summary>
internal static partial class NativeMethods
{
    private const string Library = "microtome_torch";
    private const int AbiVersion = 2;

    static NativeMethods()
    {
        NativeLibrary.SetDllImportResolver(typeof(NativeMethods).Assembly, Resolve);
    }

    private static nint Resolve(string name, Assembly assembly, DllImportSearchPath? search)
    {
        if (name != Library)
            return 0;
        var tried = new List<string>();
        foreach (var path in Candidates())
        {
            if (!File.Exists(path))
            {
                tried.Add($"  {path}: no such file");
                continue;
            }
            try
            {
                return NativeLibrary.Load(path);
            }
            catch (DllNotFoundException e)
            {
                tried.Add($"  {path}: {e.Message.ReplaceLineEndings(" ")}");
            }
        }
        throw new DllNotFoundException($"lib{Library}.so, the bridge to libtorch, could not be loaded. Tried:\n{string.Join('\n', tried)}\nrun ./microtome doctor");
    }

    private static IEnumerable<string> Candidates()
    {
        const string File = $"lib{Library}.so";
        if (Environment.GetEnvironmentVariable("MICROTOME_NATIVE") is { Length: > 0 } folder)
            yield return Path.Combine(folder, File);
        yield return Path.Combine(AppContext.BaseDirectory, File);
        for (var parent = new DirectoryInfo(AppContext.BaseDirectory); parent is not null; parent = parent.Parent)
            yield return Path.Combine(parent.FullName, "out", "native", File);
    }

    /// <summary>Turns a native failure into an exception with libtorch's message and the shapes of the operands.</summary>
    internal static void Check(int status)
    {
        if (status != 0)
            throw new TorchException(LastError());
    }

    internal static string LastError() => Marshal.PtrToStringUTF8(mt_last_error()) ?? "unknown error";

    /// <summary>Throws when the library on disk was built from another version of the header.</summary>
    internal static void CheckAbi()
    {
        var found = mt_abi_version();
        if (found != AbiVersion)
            throw new TorchException($"lib{Library}.so speaks version {found} of the bridge but this program needs {AbiVersion}: build it again (./microtome doctor)");
    }
}
