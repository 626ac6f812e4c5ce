using System.CommandLine;
using System.Text.Json.Nodes;

namespace Microtome.Cli.Commands;

/// <summary><c>doctor</c>: what is present, which versions, what is missing and the command that mends it.</summary>
internal static class DoctorCommand
{
    public static Command Create()
    {
        var command = new Command("doctor", "Say what is present, which versions, what is missing and the command that mends it.");
        command.SetAction(static parsed => Run(CommonSettings.From(parsed)));
        return command;
    }

    private static int Run(CommonSettings settings)
    {
        var components = Examination.All().ToList();
        var sound = components.TrueForAll(static c => c.Ok || !c.Required);
        if (settings.Json)
        {
            Answer.Json(new JsonObject
            {
                ["ok"] = sound,
                ["version"] = Installation.Version,
                ["components"] = new JsonArray([.. components.Select(static c => c.ToJson())]),
            });
        }
        else
        {
            Print(components, sound);
        }

        return sound ? ExitCode.Done : ExitCode.Input;
    }

    private static void Print(List<Component> components, bool sound)
    {
        var width = components.Max(static c => c.Name.Length);
        foreach (var c in components)
        {
            var state = c.Ok ? "ok     " : c.Required ? "MISSING" : "note   ";
            Answer.Line($"{state}  {c.Name.PadRight(width)}  {c.Found ?? "not found"}{(c.Ok ? string.Empty : $"  (needed: {c.Needed})")}");
            if (!c.Ok && c.Mend is not null)
                Answer.Line($"         {new string(' ', width)}  mend: {c.Mend}");
        }

        Answer.Line(sound ? "All that is needed is here." : "Something that is needed is missing; the lines marked MISSING say how to mend it.");
    }
}
