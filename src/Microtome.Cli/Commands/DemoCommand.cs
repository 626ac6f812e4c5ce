using System.CommandLine;
using Microtome.Imaging;

namespace Microtome.Cli.Commands;

/// <summary><c>demo</c>: <c>analyze</c> of the bundled slide; whatever else was asked for goes on to it.</summary>
internal static class DemoCommand
{
    private const string DefaultOutput = "microtome-demo";

    public static Command Create()
    {
        var command = new Command("demo", $"Analyse the bundled slide (into ./{DefaultOutput}) and say where the report is.");
        command.SetAction(static (parsed, cancellation) => RunAsync(CommonSettings.From(parsed), cancellation));
        return command;
    }

    private static async Task<int> RunAsync(CommonSettings settings, CancellationToken cancellation)
    {
        var slide = Installation.PathOf("samples", "cmu-1-small-region.svs");
        if (!File.Exists(slide))
            throw new SlideException($"{slide}: the bundled slide is not there. Restore it: git checkout -- samples");
        List<string> line = ["analyze", slide, "--output", settings.Output ?? DefaultOutput, "--device", settings.Device, "--threads", $"{settings.Threads}", "--seed", $"{settings.Seed}"];
        if (settings.Json)
            line.Add("--json");
        if (settings.Verbose)
            line.Add("--verbose");
        var arguments = line.ToArray();
        int code = await CommandTable.CreateRoot(arguments).Parse(arguments).InvokeAsync(CommandLineHost.Configuration, cancellation);
        if (code == ExitCode.Done && !settings.Json)
            Answer.Line($"  look around  ./microtome serve {settings.Output ?? DefaultOutput}");
        return code;
    }
}
