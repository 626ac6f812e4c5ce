namespace Microtome.Cli;

/// <summary>What the process returns; documented in docs/cli.md.</summary>
internal static class ExitCode
{
    /// <summary>Everything asked for is done.</summary>
    public const int Done = 0;

    /// <summary>A bug in microtome.</summary>
    public const int Bug = 1;

    /// <summary>Wrong option or argument.</summary>
    public const int Usage = 2;

    /// <summary>An input cannot be read or is invalid, or an output cannot be written.</summary>
    public const int Input = 3;

    /// <summary>Some of many inputs failed; the rest is complete.</summary>
    public const int Partial = 4;

    /// <summary>Cancelled by Ctrl+C or SIGTERM.</summary>
    public const int Cancelled = 130;
}
