using System.Runtime.InteropServices;

namespace Microtome.Cli;

/// <summary>Settings of native libraries that are read when they load, so they come before everything else.</summary>
internal static partial class Threading
{
    /// <summary>
    /// OpenMP's threads sleep between pieces of work instead of spinning: readers and post-processing share the cores with the network. What the user set stays.
    /// </summary>
    public static void Prepare()
    {
        if (OperatingSystem.IsLinux())
            _ = SetEnv("OMP_WAIT_POLICY", "PASSIVE", 0);
    }

    [LibraryImport("libc", EntryPoint = "setenv", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int SetEnv(string name, string value, int overwrite);
}
