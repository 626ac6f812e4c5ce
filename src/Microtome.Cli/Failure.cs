using Microtome.Imaging;
using Microtome.Learning.Models;
using Microtome.Torch;

namespace Microtome.Cli;

/// <summary>The one place where an exception becomes a sentence and an exit code.</summary>
/// <param name="ExitCode">What the process returns.</param>
/// <param name="Message">One or two lines for a person.</param>
internal readonly record struct Failure(int ExitCode, string Message)
{
    // errno values that .NET keeps in the low bits of IOException.HResult on Unix.
    private const int ReadOnlyFileSystem = 30;

    /// <summary>Translates; an exception of many tasks is judged by its first.</summary>
    public static Failure From(Exception exception) => exception switch
    {
        AggregateException { InnerException: { } inner } => From(inner),
        TypeInitializationException { InnerException: { } inner } => From(inner),
        OperationCanceledException => new(Cli.ExitCode.Cancelled, "Cancelled. Nothing half-written was left under a final name; the same command goes on."),
        UsageException => new(Cli.ExitCode.Usage, exception.Message),
        PartialFailureException => new(Cli.ExitCode.Partial, exception.Message),
        SlideException or ModelException or Language.TextException or Language.DivergedException or Decoding.DecodingException or Pathology.SurvivalException or Ledger.LedgerException => new(Cli.ExitCode.Input, exception.Message),
        TorchException when IsDevice(exception.Message) => new(Cli.ExitCode.Input, $"The device cannot be used: {FirstLine(exception.Message)}. Run ./microtome doctor, or use --device cpu."),
        FileNotFoundException { FileName: { Length: > 0 } name } => new(Cli.ExitCode.Input, $"{name}: there is no such file. Check the path."),
        FileNotFoundException or DirectoryNotFoundException => new(Cli.ExitCode.Input, exception.Message),
        UnauthorizedAccessException => new(Cli.ExitCode.Input, $"{exception.Message} Check the permissions of the file and of its folder."),
        // A write past a size limit comes from .NET as an argument error of its own.
        IOException or ArgumentOutOfRangeException { ParamName: "value" } when DiskSpace.IsExhausted(exception) => new(Cli.ExitCode.Input, $"No space is left to write the results ({FirstLine(exception.Message)}). Free some space or choose another folder with --output; the same command goes on."),
        IOException when Errno(exception) == ReadOnlyFileSystem => new(Cli.ExitCode.Input, $"{exception.Message} Choose another folder with --output."),
        InvalidDataException or EndOfStreamException or IOException => new(Cli.ExitCode.Input, exception.Message),
        DllNotFoundException or EntryPointNotFoundException or BadImageFormatException => new(Cli.ExitCode.Input, exception.Message.Contains("doctor", StringComparison.Ordinal) ? exception.Message : $"A native library does not load: {exception.Message}\nRun ./microtome doctor: it says what is missing and how to mend it."),
        OutOfMemoryException => new(Cli.ExitCode.Input, "Memory ran out. Lower --threads or the tile size, or use a machine with more memory."),
        _ => new(Cli.ExitCode.Bug, $"This is a bug in microtome: {exception.GetType().Name}: {exception.Message}\nRun again with --verbose and report what it prints."),
    };

    private static bool IsDevice(string message) =>
        message.Contains("CUDA", StringComparison.OrdinalIgnoreCase) || message.Contains("NVIDIA", StringComparison.OrdinalIgnoreCase);

    private static string FirstLine(string text) => text.Split('\n')[0].TrimEnd('.', ' ');

    private static int Errno(Exception exception) => exception.HResult & 0xFFFF;
}
