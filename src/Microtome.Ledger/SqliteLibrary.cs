using System.Reflection;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using SQLitePCL;

namespace Microtome.Ledger;

/// <summary>
/// Loads the SQLite that comes with the program so that it calls its own functions. libvips loads OpenSlide, and with it the system's SQLite, into the global scope
/// of the process; loaded in the usual way, ours would then call half of its functions in the other library and crash.
/// </summary>
public static partial class SqliteLibrary
{
    private const int Now = 2;
    private const int DeepBind = 8;

    private static int prepared;

    /// <summary>To be called before SQLite is used for the first time; again does nothing.</summary>
    public static void Prepare()
    {
        if (OperatingSystem.IsLinux() && Interlocked.Exchange(ref prepared, 1) == 0)
            NativeLibrary.SetDllImportResolver(typeof(SQLite3Provider_e_sqlite3).Assembly, Load);
    }

    private static IntPtr Load(string name, Assembly assembly, DllImportSearchPath? search)
    {
        var folders = (AppContext.GetData("NATIVE_DLL_SEARCH_DIRECTORIES") as string ?? string.Empty).Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries);
        foreach (var folder in folders.Append(AppContext.BaseDirectory))
        {
            var path = Path.Combine(folder, $"lib{name}.so");
            if (File.Exists(path) && DlOpen(path, Now | DeepBind) is var handle && handle != IntPtr.Zero)
                return handle;
        }

        return IntPtr.Zero; // The runtime looks in its own way.
    }

    [LibraryImport("libc.so.6", EntryPoint = "dlopen", StringMarshalling = StringMarshalling.Utf8)]
    private static partial IntPtr DlOpen(string path, int flags);
}
