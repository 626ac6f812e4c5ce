namespace Microtome.Imaging;

/// <summary>Tells the failure that no file can grow any more from every other.</summary>
public static class DiskSpace
{
    // errno values that .NET keeps in the low bits of IOException.HResult on Unix.
    private const int NoSpaceLeft = 28;
    private const int FileTooLarge = 27;
    private const int QuotaExceeded = 122;

    /// <summary>Whether a disk is full, a quota used up or a limit on the size of files reached.</summary>
    public static bool IsExhausted(Exception exception) =>
        (exception.HResult & 0xFFFF) is NoSpaceLeft or FileTooLarge or QuotaExceeded
        || exception.Message.Contains("No space left", StringComparison.OrdinalIgnoreCase)
        || exception.Message.Contains("disk is full", StringComparison.OrdinalIgnoreCase)
        || exception.Message.Contains("File too large", StringComparison.OrdinalIgnoreCase)
        || exception.Message.Contains("too large for the file system", StringComparison.OrdinalIgnoreCase);
}
