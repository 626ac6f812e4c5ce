using System.CommandLine;
using System.Text.Json.Nodes;

namespace Microtome.Cli.Commands;

/// <summary><c>experiment list</c>: the claims that can be tried here.</summary>
internal static class ExperimentListCommand
{
    public static Command Create()
    {
        var command = new Command("list", "The claims that can be tried here.");
        command.SetAction(static parsed =>
        {
            if (CommonSettings.From(parsed).Json)
            {
                Answer.Json(new JsonObject
                {
                    ["experiments"] = new JsonArray([.. Experiment.All.Select(static e => (JsonNode)new JsonObject { ["name"] = e.Name, ["claim"] = e.Claim })]),
                });
                return ExitCode.Done;
            }

            foreach (var experiment in Experiment.All)
                Answer.Line($"{experiment.Name}\n  {experiment.Claim}");
            return ExitCode.Done;
        });
        return command;
    }
}
