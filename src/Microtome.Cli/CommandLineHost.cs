using System.CommandLine;
using System.Runtime.InteropServices;

namespace Microtome.Cli;

/// <summary>Parses, runs, and turns every outcome into an exit code.</summary>
internal static class CommandLineHost
{
    // SIGXFSZ: a file passed the shell's size limit. Unhandled it would end the process; handled, the write fails with a reason that can be told.
    // For good: handlers run on other threads, and a signal that finds none any more ends the process after all.
    private const int FileSizeSignal = 25;
    private static readonly PosixSignalRegistration s_tooLarge = PosixSignalRegistration.Create((PosixSignal)FileSizeSignal, static context => context.Cancel = true);

    /// <summary>How commands are invoked: exceptions and signals are this class's business.</summary>
    public static InvocationConfiguration Configuration { get; } = new() { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null };

    /// <summary>Runs one command line.</summary>
    /// <returns>The exit code, see <see cref="ExitCode"/>.</returns>
    public static async Task<int> RunAsync(string[] args)
    {
        var root = CommandTable.CreateRoot(args);
        var parsed = root.Parse(args);
        if (args.Length == 0)
        {
            root.Parse(["--help"]).Invoke(new InvocationConfiguration { Output = Console.Error });
            return ExitCode.Usage;
        }

        var stray = StrayOption(parsed, args);
        if ((parsed.Errors.Count > 0 || stray is not null) && !WantsHelp(args))
            return ReportUsage(parsed, stray);

        GC.KeepAlive(s_tooLarge);
        using var cancellation = new CancellationTokenSource();
        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Cancel);
        using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Cancel);
        try
        {
            return await parsed.InvokeAsync(Configuration, cancellation.Token);
        }
        catch (Exception exception)
        {
            var failure = Failure.From(exception);
            await Console.Error.WriteLineAsync($"microtome: {failure.Message}");
            if (parsed.GetValue(CommonOptions.Verbose))
                await Console.Error.WriteLineAsync(exception.ToString());
            return failure.ExitCode;
        }

        // The first signal asks the command to stop cleanly; the second ends the process at once, as people expect of Ctrl+C.
        void Cancel(PosixSignalContext context)
        {
            if (cancellation.IsCancellationRequested)
                Environment.Exit(ExitCode.Cancelled);
            context.Cancel = true;
            cancellation.Cancel();
        }
    }

    private static bool WantsHelp(string[] args) => args.Any(static a => a is "--help" or "-h" or "-?" or "--version");

    private static int ReportUsage(ParseResult parsed, string? strayOption)
    {
        var command = parsed.CommandResult.Command;
        var path = CommandPath(parsed);
        string message;
        if ((strayOption ?? (parsed.UnmatchedTokens.Count > 0 ? parsed.UnmatchedTokens[0] : null)) is { } token)
        {
            var kind = token.StartsWith('-') ? "an option" : command.Subcommands.Count > 0 ? "a command" : "an argument";
            var near = Spelling.Nearest(token, Candidates(parsed, token.StartsWith('-')));
            message = $"'{token}' is not {kind} of '{path}'.{(near is null ? string.Empty : $" Did you mean '{near}'?")}";
        }
        else if (command.Subcommands.Count > 0)
        {
            message = $"'{path}' needs a command: {string.Join(", ", command.Subcommands.Select(static c => c.Name))}.";
        }
        else
        {
            message = parsed.Errors[0].Message.Trim().ReplaceLineEndings(" ");
        }

        Console.Error.WriteLine($"microtome: {message}");
        Console.Error.WriteLine($"Run '{path} --help' for what it understands.");
        return ExitCode.Usage;
    }

    // An argument that takes many words would swallow a misspelt option; a word after -- is meant as it stands.
    private static string? StrayOption(ParseResult parsed, string[] args) => args.Contains("--", StringComparer.Ordinal)
        ? null
        : parsed.CommandResult.Children
            .OfType<System.CommandLine.Parsing.ArgumentResult>()
            .SelectMany(static a => a.Tokens)
            .Select(static t => t.Value)
            .FirstOrDefault(static v => v.Length > 1 && v[0] == '-' && !File.Exists(v));

    private static string CommandPath(ParseResult parsed)
    {
        var names = new List<string>();
        for (System.CommandLine.Parsing.SymbolResult? result = parsed.CommandResult; result is System.CommandLine.Parsing.CommandResult c; result = result.Parent)
            names.Insert(0, c.Command is RootCommand ? "microtome" : c.Command.Name);
        return string.Join(' ', names);
    }

    private static IEnumerable<string> Candidates(ParseResult parsed, bool options)
    {
        var command = parsed.CommandResult.Command;
        if (!options)
            return command.Subcommands.Select(static c => c.Name);
        return command.Options.Concat(parsed.RootCommandResult.Command.Options).SelectMany(static o => o.Aliases.Prepend(o.Name));
    }
}
