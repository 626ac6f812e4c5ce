using System.Text.Json;
using System.Text.Json.Nodes;

namespace Microtome.Learning.Models;

/// <summary>
/// config.json of a patch classifier, in the schema of the WSInfer model zoo, spec 1.0. Like that schema it tolerates unknown fields at the top and
/// nowhere else. Nothing in it names a file.
/// </summary>
public sealed record PatchModelConfig
{
    /// <summary>The version of the schema.</summary>
    public const string SpecVersion = "1.0";

    /// <summary>The architecture; for safetensors one of ours, for TorchScript only a word.</summary>
    public required string Architecture { get; init; }

    /// <summary>Side of a patch at <see cref="SpacingUmPx"/>, pixels.</summary>
    public required int PatchSizePixels { get; init; }

    /// <summary>Microns per pixel of a patch of <see cref="PatchSizePixels"/>.</summary>
    public required double SpacingUmPx { get; init; }

    /// <summary>The classes, in the order of the outputs; CSV columns are called <c>prob_</c> and these.</summary>
    public required IReadOnlyList<string> ClassNames { get; init; }

    /// <summary>What is done to a patch before the network sees it.</summary>
    public required PatchTransform Transform { get; init; }

    /// <summary>Side of a patch on the slide, microns.</summary>
    public double PatchUm => PatchSizePixels * SpacingUmPx;

    /// <summary>
    /// What the network takes: the size after Resize; without a Resize, the patch at its own spacing (WSInfer would hand over whatever size the slide's
    /// spacing gives).
    /// </summary>
    public (int Width, int Height) InputSize => Transform.Resized(PatchSizePixels, PatchSizePixels);

    /// <summary>Side of the square to read at level 0, pixels: WSInfer's rule, half to even as in Python.</summary>
    /// <param name="slideMpp">The slide's microns per pixel at level 0.</param>
    public int ReadSide(double slideMpp)
    {
        var side = Math.Round(PatchUm / slideMpp, MidpointRounding.ToEven);
        return side is >= 1 and <= 100_000
            ? (int)side
            : throw new ModelException($"A patch of {PatchUm:G6} um at {slideMpp:G6} um per pixel would be {side:G6} pixels wide. Check the slide's pixel size (--mpp) and the model's spacing_um_px.");
    }

    /// <summary>Reads a config.</summary>
    /// <exception cref="ModelException">It is missing, too large or breaks the schema; the message names the field.</exception>
    public static PatchModelConfig Read(string path) => PatchModelConfigReader.Read(path);

    /// <summary>Reads the text of a config.</summary>
    /// <param name="json">The text.</param>
    /// <param name="source">The name of the file, for messages.</param>
    /// <exception cref="ModelException">It breaks the schema; the message names the field.</exception>
    public static PatchModelConfig Parse(string json, string source) => PatchModelConfigReader.Parse(json, source);

    /// <summary>The text of config.json.</summary>
    public string ToJson()
    {
        var transform = new JsonArray();
        if (Transform.Side is { } side)
            transform.Add(Step("Resize", new JsonObject { ["size"] = side }));
        else if (Transform.Width is { } width)
            transform.Add(Step("Resize", new JsonObject { ["size"] = new JsonArray(Transform.Height!.Value, width) }));
        transform.Add(Step("ToTensor", null));
        if (Transform.Normalizes)
            transform.Add(Step("Normalize", new JsonObject { ["mean"] = Numbers(Transform.Mean), ["std"] = Numbers(Transform.Std) }));
        return new JsonObject
        {
            ["spec_version"] = SpecVersion,
            ["architecture"] = Architecture,
            ["num_classes"] = ClassNames.Count,
            ["patch_size_pixels"] = PatchSizePixels,
            ["spacing_um_px"] = SpacingUmPx,
            ["class_names"] = new JsonArray([.. ClassNames.Select(static name => (JsonNode)name)]),
            ["transform"] = transform,
        }.ToJsonString(new JsonSerializerOptions { WriteIndented = true }) + "\n";
    }

    private static JsonObject Step(string name, JsonObject? arguments)
    {
        var step = new JsonObject { ["name"] = name };
        if (arguments is not null)
            step["arguments"] = arguments;
        return step;
    }

    private static JsonArray Numbers(IReadOnlyList<double> values) => new([.. values.Select(static value => (JsonNode)value)]);
}
