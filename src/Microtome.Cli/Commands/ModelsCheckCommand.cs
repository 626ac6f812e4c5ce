using System.CommandLine;
using System.Text.Json.Nodes;
using Microtome.Learning.Models;
using Microtome.Pathology;

namespace Microtome.Cli.Commands;

/// <summary><c>models check NAME</c>: runs the recorded input through the network and compares with the recorded answer.</summary>
internal static class ModelsCheckCommand
{
    public static Command Create()
    {
        var names = new Argument<string[]>("NAME") { Description = "Names of 'models list' or paths of model folders (default: all).", Arity = ArgumentArity.ZeroOrMore };
        var command = new Command("check", "Tell whether networks still give their recorded answer; exit 0 if they do, 3 if not.") { names };
        command.SetAction(parsed => Run(parsed.GetValue(names) ?? [], CommonSettings.From(parsed)));
        return command;
    }

    private static int Run(string[] names, CommonSettings settings)
    {
        string[] chosen = names.Length > 0 ? names : [.. ModelFolder.List().Select(static m => m.Name)];
        if (chosen.Length == 0)
            throw new ModelException("No model is here to check. Restore the folder models/ of the repository.");
        var rows = new JsonArray();
        foreach (var name in chosen)
        {
            string? fault = null;
            try
            {
                Check(name, settings.Device);
            }
            catch (ModelException exception) when (chosen.Length > 1 || settings.Json)
            {
                fault = exception.Message;
            }

            rows.Add(new JsonObject { ["name"] = name, ["ok"] = fault is null, ["fault"] = fault });
            if (!settings.Json)
                Answer.Line(fault is null ? $"{name}: the self-test holds" : $"{name}: {fault}");
        }

        var sound = rows.All(static r => (bool)r!["ok"]!);
        if (settings.Json)
            Answer.Json(new JsonObject { ["ok"] = sound, ["models"] = rows });
        return sound ? ExitCode.Done : ExitCode.Input;
    }

    private static void Check(string name, string device)
    {
        if (ModelFolder.Find(name).Kind == ModelKind.Patches)
        {
            using var classifier = PatchClassifier.Open(name, device);
            classifier.Check();
            return;
        }

        using (var network = NucleusNetwork.Open(name, device, precision: NetworkPrecision.Float32))
            network.Check();
        using (var network = NucleusNetwork.Open(name, device))
            network.Check();
    }
}
