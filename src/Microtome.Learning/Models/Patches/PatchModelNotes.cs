using System.Text.Json;
using System.Text.Json.Serialization;

namespace Microtome.Learning.Models;

/// <summary>microtome.json beside a patch model's config.json: what the zoo's schema has no field for. Every field may be absent, and the file too.</summary>
public sealed record PatchModelNotes
{
    /// <summary>The name of the file.</summary>
    public const string FileName = "microtome.json";

    private const int MostBytes = 1 << 24;

    private static readonly JsonSerializerOptions Json = new()
    {
        WriteIndented = true,
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        AllowDuplicateProperties = false,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.SnakeCaseLower, allowIntegerValues: false) },
    };

    /// <summary>The name of the model; null: that of its folder.</summary>
    public string? Name { get; init; }

    /// <summary>What it finds: <c>til</c>, <c>tumor</c>, or null for anything else.</summary>
    public string? Task { get; init; }

    /// <summary>The class whose probability is mapped; null: see <see cref="PatchModel.PositiveClass"/>.</summary>
    public string? PositiveClass { get; init; }

    /// <summary>The probability from which a patch counts as positive, 0..1.</summary>
    public double? Threshold { get; init; }

    /// <summary>How outputs become probabilities; null: softmax for several classes, sigmoid for one.</summary>
    public PatchActivation? Activation { get; init; }

    /// <summary>The licence of the weights.</summary>
    public string? Licence { get; init; }

    /// <summary>Measured figures, each with the data they were measured on.</summary>
    public JsonElement? Measured { get; init; }

    /// <summary>What it was trained from, where that is more than a card says: start model, labels, slides.</summary>
    public JsonElement? TrainedFrom { get; init; }

    /// <summary>What a reader of a result must know; shown in reports.</summary>
    public IReadOnlyList<string> Warnings { get; init; } = [];

    /// <summary>What the network must answer to a recorded input.</summary>
    public PatchSelfTest? SelfTest { get; init; }

    /// <summary>The batch that the network was found to answer the same in; null: it is found at every opening.</summary>
    public NotedBatch? Batch { get; init; }

    /// <summary>Reads the notes; empty ones when there is no such file.</summary>
    /// <exception cref="ModelException">The file is malformed.</exception>
    public static PatchModelNotes Read(string path)
    {
        if (!File.Exists(path))
            return new PatchModelNotes();
        try
        {
            if (new FileInfo(path).Length > MostBytes)
                throw new JsonException($"It has more than {MostBytes} bytes.");
            var notes = JsonSerializer.Deserialize<PatchModelNotes>(File.ReadAllText(path), Json) ?? throw new JsonException("The file holds null.");
            notes.Validate();
            return notes;
        }
        catch (JsonException exception)
        {
            throw new ModelException($"{path}: not notes about a patch model ({exception.Message.Split('\n')[0]}). Compare it with docs/formats.md.", exception);
        }
    }

    /// <summary>The text of microtome.json.</summary>
    public string ToJson() => JsonSerializer.Serialize(this, Json) + "\n";

    private void Validate()
    {
        if (Task is not (null or "til" or "tumor"))
            throw new JsonException($"task: '{Task}'; til or tumor is expected, or nothing");
        if (Threshold is { } threshold && threshold is not (>= 0 and <= 1))
            throw new JsonException($"threshold: {threshold:G6}; a probability from 0 to 1 is expected");
        if (Name is { } name && (name.Length is 0 or > 100 || name.Any(char.IsControl)))
            throw new JsonException("name: 1 to 100 characters without line breaks are expected");
        if (Warnings is null || Warnings.Any(static warning => warning is null))
            throw new JsonException("warnings: a list of sentences is expected");
        if (SelfTest is { } test && (test.Values is null || test.Values.Count == 0 || !test.Values.All(double.IsFinite) || test.Tolerance is not (> 0 and <= 0.1)))
            throw new JsonException("self_test: values (finite numbers) and tolerance (above 0, at most 0.1) are expected");
        if (Batch is { } batch && (batch.Size is not (>= 1 and <= NotedBatch.Most) || batch.WeightsSha256 is null || batch.Libtorch is null))
            throw new JsonException($"batch: size (1 to {NotedBatch.Most}), weights_sha256 and libtorch are expected");
    }
}
