namespace Microtome.Ledger;

/// <summary>
/// The clock of leases in a SQLite ledger: milliseconds since this host started, the same for all its processes, untouched by anyone who sets the time. After a
/// restart of the host it begins anew, so every lease also names the start of the host.
/// </summary>
internal static class HostClock
{
    /// <summary>Milliseconds since the host started.</summary>
    public static long Now => Environment.TickCount64;

    /// <summary>Names this start of the host.</summary>
    public static string Boot { get; } = Read("/proc/sys/kernel/random/boot_id");

    private static string Read(string path)
    {
        try
        {
            return File.ReadAllText(path).Trim();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return "unknown";
        }
    }
}
