using System.CommandLine;

namespace Microtome.Cli;

/// <summary>The options that every command understands. They stand on the root and are inherited.</summary>
internal static class CommonOptions
{
    /// <summary>One JSON object on standard output, logs on standard error.</summary>
    public static Option<bool> Json { get; } = new("--json") { Description = "Print one JSON object on standard output; logs go to standard error.", Recursive = true };

    /// <summary>Where networks run.</summary>
    public static Option<string> Device { get; } = MakeDevice();

    /// <summary>Worker threads.</summary>
    public static Option<int?> Threads { get; } = MakePositive("--threads", "N", "Threads to use (default: every core this process may use).");

    /// <summary>Seed of everything random.</summary>
    public static Option<long> Seed { get; } = new("--seed") { Description = "Seed of everything random.", HelpName = "N", DefaultValueFactory = static _ => 0, Recursive = true };

    /// <summary>The folder or file to write.</summary>
    public static Option<string?> Output { get; } = new("--output", "-o") { Description = "The folder or file to write.", HelpName = "PATH", Recursive = true };

    /// <summary>More log lines, and the stack of an error.</summary>
    public static Option<bool> Verbose { get; } = new("--verbose") { Description = "More log lines, and the stack trace of an error.", Recursive = true };

    /// <summary>Adds all of them to the root.</summary>
    public static void AddTo(Command root)
    {
        root.Options.Add(Output);
        root.Options.Add(Json);
        root.Options.Add(Device);
        root.Options.Add(Threads);
        root.Options.Add(Seed);
        root.Options.Add(Verbose);
    }

    private static Option<string> MakeDevice()
    {
        var option = new Option<string>("--device")
        {
            Description = "Where networks run.",
            HelpName = "cpu|cuda",
            DefaultValueFactory = static _ => "cpu",
            Recursive = true,
        };
        option.Validators.Add(static result =>
        {
            var value = result.Tokens.Count > 0 ? result.Tokens[0].Value : "cpu";
            if (value is not ("cpu" or "cuda"))
                result.AddError($"--device '{value}': there is no such device. Use cpu or cuda.");
        });
        return option;
    }

    private static Option<int?> MakePositive(string name, string helpName, string description)
    {
        var option = new Option<int?>(name) { Description = description, HelpName = helpName, Recursive = true };
        option.Validators.Add(result =>
        {
            if (result.Tokens.Count > 0 && (!int.TryParse(result.Tokens[0].Value, out var value) || value <= 0 || value > 4096))
                result.AddError($"{name} '{result.Tokens[0].Value}': it must be a whole number from 1 to 4096.");
        });
        return option;
    }
}
