using System.Runtime.InteropServices;

namespace Microtome.EndToEnd.Tests;

/// <summary>kill(2), which .NET offers for SIGKILL only.</summary>
internal static partial class Signals
{
    [LibraryImport("libc", EntryPoint = "kill")]
    public static partial int Kill(int process, int signal);
}
