using System.Text.Json;
using System.Text.Json.Serialization;
using Microtome.Networks;

namespace Microtome.Learning.Models;

/// <summary>config.json of a model folder: what the weights are and how to use them.</summary>
public sealed record ModelConfig
{
    private static readonly JsonSerializerOptions Json = new()
    {
        WriteIndented = true,
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    };

    /// <summary>The version of this layout.</summary>
    public string Spec { get; init; } = "microtome 1";

    /// <summary>The name of the model, that of its folder.</summary>
    public required string Name { get; init; }

    /// <summary>What it is for: nuclei.</summary>
    public required string Task { get; init; }

    /// <summary>The architecture in Microtome.Networks: unet.</summary>
    public required string Architecture { get; init; }

    /// <summary>The shape of the network.</summary>
    public required UNetOptions Network { get; init; }

    /// <summary>Microns per pixel of the pictures it was trained on.</summary>
    public required double Mpp { get; init; }

    /// <summary>What the output channels are.</summary>
    public required IReadOnlyList<string> Outputs { get; init; }

    /// <summary>The licence of the weights.</summary>
    public required string Licence { get; init; }

    /// <summary>How predictions become objects; the task's own record.</summary>
    public JsonElement? Postprocessing { get; init; }

    /// <summary>Measured figures, each with the data they were measured on.</summary>
    public JsonElement? Measured { get; init; }

    /// <summary>What the network needs in 8-bit arithmetic; null when it was never measured.</summary>
    public ActivationRanges? Activations { get; init; }

    /// <summary>A stored input and what the network must answer to it.</summary>
    public ModelSelfTest? SelfTest { get; init; }

    /// <summary>The same of the network in 8-bit arithmetic.</summary>
    public ModelSelfTest? SelfTestInt8 { get; init; }

    /// <summary>Reads a config.</summary>
    /// <exception cref="ModelException">It is missing or malformed.</exception>
    public static ModelConfig Read(string path)
    {
        try
        {
            var text = File.ReadAllText(path);
            if (text.Contains("\"spec_version\"", StringComparison.Ordinal))
                throw new ModelException($"{path}: a classifier of patches, not a nucleus model. 'microtome models list' names the others.");
            var config = JsonSerializer.Deserialize<ModelConfig>(text, Json) ?? throw new JsonException("The file holds null.");
            config.Network.Validate();
            if (config.Activations?.FirstOrDefault(static range => range.Value is not { Length: 2 } pair || !(pair[0] <= pair[1])).Key is { } wrong)
                throw new ArgumentException($"activations: '{wrong}' must be a lowest and a highest value");
            return config;
        }
        catch (Exception exception) when (exception is JsonException or ArgumentException)
        {
            throw new ModelException($"{path}: not a model description ({exception.Message.Split('\n')[0]}). Compare it with docs/formats.md.", exception);
        }
    }

    /// <summary>The text of config.json.</summary>
    public string ToJson() => JsonSerializer.Serialize(this, Json) + "\n";

    /// <summary>A task's record as it stands in a config.</summary>
    public static JsonElement Element<T>(T value) => JsonSerializer.SerializeToElement(value, Json);

    /// <summary>A task's record read from a config.</summary>
    public static T? Record<T>(JsonElement element) => element.Deserialize<T>(Json);
}
