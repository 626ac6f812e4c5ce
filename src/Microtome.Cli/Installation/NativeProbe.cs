using System.Runtime.InteropServices;

namespace Microtome.Cli;

/// <summary>Loads a native library by hand, to ask its version without the layers that need it to be right.</summary>
internal sealed unsafe class NativeProbe
{
    private readonly nint _handle;

    private NativeProbe(nint handle, string path)
    {
        _handle = handle;
        Path = path;
    }

    /// <summary>The name or path under which it loaded.</summary>
    public string Path { get; }

    /// <summary>Tries the names in turn.</summary>
    /// <returns>The library, or null with the system's reason for the last existing candidate.</returns>
    public static NativeProbe? Load(IEnumerable<string> names, out string reason)
    {
        reason = "not found";
        foreach (var name in names)
        {
            if (name.Contains('/') && !File.Exists(name))
                continue;
            try
            {
                return new NativeProbe(NativeLibrary.Load(name), name);
            }
            catch (Exception exception) when (exception is DllNotFoundException or BadImageFormatException)
            {
                reason = Reason(exception.Message, name);
            }
        }

        return null;
    }

    /// <summary>The candidates for one of our own libraries, in the order in which the program itself looks.</summary>
    public static IEnumerable<string> OwnLibrary(string name)
    {
        var file = $"lib{name}.so";
        if (Environment.GetEnvironmentVariable("MICROTOME_NATIVE") is { Length: > 0 } folder)
            yield return System.IO.Path.Combine(folder, file);
        yield return System.IO.Path.Combine(AppContext.BaseDirectory, file);
        for (var parent = new DirectoryInfo(AppContext.BaseDirectory); parent is not null; parent = parent.Parent)
            yield return System.IO.Path.Combine(parent.FullName, "out", "native", file);
    }

    /// <summary>Calls <c>const char* name(void)</c>.</summary>
    public string? Text(string function) =>
        NativeLibrary.TryGetExport(_handle, function, out var address) ? Marshal.PtrToStringUTF8((nint)((delegate* unmanaged<byte*>)address)()) : null;

    /// <summary>Calls <c>int name(void)</c>.</summary>
    public int? Number(string function) =>
        NativeLibrary.TryGetExport(_handle, function, out var address) ? ((delegate* unmanaged<int>)address)() : null;

    /// <summary>Calls <c>int name(int)</c>.</summary>
    public int? Number(string function, int argument) =>
        NativeLibrary.TryGetExport(_handle, function, out var address) ? ((delegate* unmanaged<int, int>)address)(argument) : null;

    /// <summary>Calls <c>size_t name(const char*, const char*)</c> and tells whether it gave something.</summary>
    public bool Finds(string function, string first, string second)
    {
        if (!NativeLibrary.TryGetExport(_handle, function, out var address))
            return false;
        var a = Marshal.StringToCoTaskMemUTF8(first);
        var b = Marshal.StringToCoTaskMemUTF8(second);
        try
        {
            return ((delegate* unmanaged<nint, nint, nint>)address)(a, b) != 0;
        }
        finally
        {
            Marshal.FreeCoTaskMem(a);
            Marshal.FreeCoTaskMem(b);
        }
    }

    // The runtime's message lists every spelling it tried; the linker's own sentence is what helps.
    private static string Reason(string message, string name)
    {
        var lines = message.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        return lines.FirstOrDefault(l => l.Contains(name, StringComparison.Ordinal) && l.Contains(": ", StringComparison.Ordinal)) ?? lines[0];
    }
}
