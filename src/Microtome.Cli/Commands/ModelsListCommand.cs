using System.CommandLine;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microtome.Learning.Models;

namespace Microtome.Cli.Commands;

/// <summary><c>models list</c>: the networks that came with the program. Reads descriptions only; no weights, no libtorch.</summary>
internal static class ModelsListCommand
{
    public static Command Create()
    {
        var command = new Command("list", "List the networks: name, task, file, size, licence, measured figures.");
        command.SetAction(static parsed => Run(CommonSettings.From(parsed)));
        return command;
    }

    /// <summary>One model as JSON; <c>size</c> is in bytes.</summary>
    public static JsonObject Describe(ModelFolder folder)
    {
        var config = ModelConfig.Read(folder.Config);
        var weights = new FileInfo(folder.Weights);
        return new JsonObject
        {
            ["name"] = config.Name,
            ["task"] = config.Task,
            ["file"] = Path.GetRelativePath(Installation.Root, folder.Weights),
            ["size"] = weights.Exists ? weights.Length : null,
            ["sha256"] = weights.Exists ? folder.WeightsHash() : null,
            ["licence"] = config.Licence,
            ["mpp"] = config.Mpp,
            ["measured"] = config.Measured is { } measured ? JsonNode.Parse(measured.GetRawText()) : null,
            ["self_test"] = config.SelfTest is not null,
        };
    }

    private static int Run(CommonSettings settings)
    {
        var models = ModelFolder.List().Select(Describe).ToArray<JsonNode>();
        if (settings.Json)
        {
            Answer.Json(new JsonObject { ["models"] = new JsonArray(models) });
            return ExitCode.Done;
        }

        if (models.Length == 0)
            Answer.Line("No model is here. Restore the folder models/ of the repository.");
        foreach (var model in models)
        {
            Answer.Line($"{model["name"]}");
            Answer.Line($"  task      {model["task"]}, made for {model["mpp"]} um per pixel");
            Answer.Line($"  file      {model["file"]}{(model["size"] is { } size ? $", {(long)size / 1e6:F1} MB" : ": MISSING")}");
            Answer.Line($"  licence   {model["licence"]}");
            if (model["measured"] is { } measured)
                Answer.Line($"  measured  {measured.ToJsonString(new JsonSerializerOptions { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping })}");
        }

        return ExitCode.Done;
    }
}
