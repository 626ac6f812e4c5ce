using System.CommandLine;

namespace Microtome.Cli;

/// <summary>The values of <see cref="CommonOptions"/> in one run.</summary>
/// <param name="Json">One JSON object on standard output.</param>
/// <param name="Device"><c>cpu</c> or <c>cuda</c>.</param>
/// <param name="Threads">Threads to use, at least 1.</param>
/// <param name="Seed">Seed of everything random.</param>
/// <param name="Output">The folder or file to write, or null when not given.</param>
/// <param name="Verbose">More log lines.</param>
internal sealed record CommonSettings(bool Json, string Device, int Threads, long Seed, string? Output, bool Verbose)
{
    /// <summary>Reads them from a parsed command line.</summary>
    public static CommonSettings From(ParseResult result) => new(
        result.GetValue(CommonOptions.Json),
        result.GetValue(CommonOptions.Device) ?? "cpu",
        result.GetValue(CommonOptions.Threads) ?? Environment.ProcessorCount,
        result.GetValue(CommonOptions.Seed),
        result.GetValue(CommonOptions.Output),
        result.GetValue(CommonOptions.Verbose));
}
