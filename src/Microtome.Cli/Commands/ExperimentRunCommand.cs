using System.CommandLine;
using System.Text.Encodings.Web;
using System.Text.Json;
using Microtome.Imaging;

namespace Microtome.Cli.Commands;

/// <summary><c>experiment run</c>: tries one claim and writes the table, the figures and a picture.</summary>
internal static class ExperimentRunCommand
{
    public static Command Create()
    {
        var name = new Argument<string>("name") { Description = "The experiment; 'experiment list' names them." };
        var quick = new Option<bool>("--quick") { Description = "Fewer images or steps: minutes at most." };
        var command = new Command("run", "Try one claim; writes result.json, result.md, result.svg and, for some, further pictures.") { name, quick };
        command.SetAction((parsed, cancellation) => Task.Run(
            () => Run(CommonSettings.From(parsed), parsed.GetValue(name)!, parsed.GetValue(quick), cancellation), cancellation));
        return command;
    }

    private static int Run(CommonSettings settings, string name, bool quick, CancellationToken cancellation)
    {
        var experiment = Experiment.All.FirstOrDefault(e => e.Name == name)
            ?? throw new UsageException($"There is no experiment '{name}'. Known: {string.Join(", ", Experiment.All.Select(static e => e.Name))}.");
        var folder = settings.Output ?? $"microtome-experiment-{name}";
        Torch.torch.set_num_threads(settings.Threads);
        Learning.NativeMemory.KeepFreed(large: true);
        var result = experiment.Run(new ExperimentRequest(quick, unchecked((int)settings.Seed), folder), cancellation);
        var json = result.ToJson(name);
        var markdown = result.ToMarkdown(name);
        AtomicFile.WriteAllText(Path.Combine(folder, "result.json"), json.ToJsonString(new JsonSerializerOptions { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }) + "\n");
        AtomicFile.WriteAllText(Path.Combine(folder, "result.md"), markdown);
        AtomicFile.WriteAllText(Path.Combine(folder, "result.svg"), result.ToSvg());
        foreach (var (picture, svg) in result.Pictures)
            AtomicFile.WriteAllText(Path.Combine(folder, picture), svg);
        if (settings.Json)
            Answer.Json(json);
        else
            Answer.Line(markdown);
        Answer.Log($"Written to {folder}");
        return ExitCode.Done;
    }
}
