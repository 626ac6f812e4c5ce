using System.CommandLine;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microtome.Learning.Models;

namespace Microtome.Cli.Commands;

/// <summary><c>models list</c>: the networks that came with the program and those that were imported. Reads descriptions only; no weights, no libtorch.</summary>
internal static class ModelsListCommand
{
    private static readonly JsonSerializerOptions Plain = new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static Command Create()
    {
        var command = new Command("list", "List the networks: name, task, file, size, licence, measured figures.");
        command.SetAction(static parsed => Run(CommonSettings.From(parsed)));
        return command;
    }

    /// <summary>One model as JSON; <c>size</c> is in bytes.</summary>
    public static JsonObject Describe(ModelFolder folder) => folder.Kind == ModelKind.Patches ? Patches(PatchModel.Read(folder)) : Nuclei(folder);

    private static JsonObject Nuclei(ModelFolder folder)
    {
        var config = ModelConfig.Read(folder.Config);
        var weights = new FileInfo(folder.Weights);
        return new JsonObject
        {
            ["name"] = config.Name,
            ["task"] = config.Task,
            ["file"] = Shown(folder.Weights),
            ["size"] = weights.Exists ? weights.Length : null,
            ["sha256"] = weights.Exists ? folder.WeightsHash() : null,
            ["licence"] = config.Licence,
            ["mpp"] = config.Mpp,
            ["measured"] = config.Measured is { } measured ? JsonNode.Parse(measured.GetRawText()) : null,
            ["self_test"] = config.SelfTest is not null,
        };
    }

    private static JsonObject Patches(PatchModel model) => new()
    {
        ["name"] = model.Name,
        ["task"] = model.Task,
        ["file"] = Shown(model.WeightsPath),
        ["size"] = new FileInfo(model.WeightsPath).Length,
        ["sha256"] = model.WeightsHash,
        ["licence"] = model.Notes.Licence,
        ["mpp"] = model.Config.SpacingUmPx,
        ["patch_size_px"] = model.Config.PatchSizePixels,
        ["patch_um"] = model.Config.PatchUm,
        ["architecture"] = model.Config.Architecture,
        ["classes"] = new JsonArray([.. model.Config.ClassNames.Select(static name => (JsonNode)name)]),
        ["positive_class"] = model.PositiveClass is { } positive ? model.Config.ClassNames[positive] : null,
        ["threshold"] = model.Threshold,
        ["activation"] = model.Activation == PatchActivation.Softmax ? "softmax" : "sigmoid",
        ["measured"] = model.Notes.Measured is { } measured ? JsonNode.Parse(measured.GetRawText()) : null,
        ["warnings"] = new JsonArray([.. model.Notes.Warnings.Select(static warning => (JsonNode)warning)]),
        ["self_test"] = model.Notes.SelfTest is not null,
    };

    // Inside the program's folder from there, elsewhere in full.
    private static string Shown(string path) => Path.GetRelativePath(Installation.Root, path) is var relative && relative.StartsWith("..", StringComparison.Ordinal) ? path : relative;

    // One damaged folder does not hide the others.
    private static JsonObject Row(ModelFolder folder)
    {
        try
        {
            return Describe(folder);
        }
        catch (ModelException exception)
        {
            return new JsonObject { ["name"] = folder.Name, ["fault"] = exception.Message };
        }
    }

    private static int Run(CommonSettings settings)
    {
        var models = ModelFolder.List().Select(Row).ToArray<JsonNode>();
        if (settings.Json)
        {
            Answer.Json(new JsonObject { ["models"] = new JsonArray(models) });
            return ExitCode.Done;
        }

        if (models.Length == 0)
            Answer.Line("No model is here. Restore the folder models/ of the repository.");
        foreach (var model in models)
            Print(model);
        return ExitCode.Done;
    }

    private static void Print(JsonNode model)
    {
        Answer.Line($"{model["name"]}");
        if (model["fault"] is { } fault)
        {
            Answer.Line($"  fault     {fault}");
            return;
        }

        Answer.Line($"  task      {model["task"]?.ToString() ?? "not said"}, made for {model["mpp"]} um per pixel");
        if (model["classes"] is JsonArray classes)
            Answer.Line($"  classes   {string.Join(", ", classes)} ({model["architecture"]}, patches of {model["patch_um"]} um, {model["activation"]}; {model["positive_class"]?.ToString() ?? "no class"} from {model["threshold"]} on)");
        Answer.Line($"  file      {model["file"]}{(model["size"] is { } size ? $", {(long)size / 1e6:F1} MB" : ": MISSING")}");
        Answer.Line($"  licence   {model["licence"]?.ToString() ?? "not said"}");
        if (model["measured"] is { } measured)
            Answer.Line($"  measured  {measured.ToJsonString(Plain)}");
        if (model["warnings"] is JsonArray warnings)
        {
            foreach (var warning in warnings)
                Answer.Line($"  warning   {warning}");
        }
    }
}
