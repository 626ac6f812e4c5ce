using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using Microtome.Imaging;

namespace Microtome.Cohorts;

/// <summary>What is done with every slide of a cohort. Kept in the ledger, so that all workers do the same.</summary>
public sealed record CohortPlan
{
    /// <summary>What can be found.</summary>
    public static readonly IReadOnlyList<string> AllParts = ["tissue", "nuclei", "til", "tumor"];

    internal static readonly JsonSerializerOptions Json = new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower, Converters = { new JsonStringEnumConverter(JsonNamingPolicy.SnakeCaseLower) }, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull };

    /// <summary>Tells this cohort's records from those of another one in the same folder.</summary>
    public string Id { get; init; } = Guid.NewGuid().ToString("N");

    /// <summary>The folder that receives one folder per slide; an absolute path that every worker sees.</summary>
    public required string Output { get; init; }

    /// <summary>What to find: some of <see cref="AllParts"/>.</summary>
    public IReadOnlyList<string> Parts { get; init; } = AllParts;

    /// <summary>How tissue is found.</summary>
    public string Preset { get; init; } = "resection";

    /// <summary>The nucleus model.</summary>
    public string Model { get; init; } = "nuclei";

    /// <summary>The lymphocyte model.</summary>
    public string TilModel { get; init; } = "til";

    /// <summary>The tumor model.</summary>
    public string TumorModel { get; init; } = "tumor";

    /// <summary>Mirrored and turned copies that the nucleus network averages.</summary>
    public int Flips { get; init; } = 1;

    /// <summary>Arithmetic of the nucleus network: auto, int8 or float32.</summary>
    public string Precision { get; init; } = "auto";

    /// <summary>Seed of everything random.</summary>
    public long Seed { get; init; }

    /// <summary>Reads what <see cref="ToJson"/> wrote.</summary>
    /// <exception cref="Ledger.LedgerException">It is damaged.</exception>
    public static CohortPlan Parse(string json)
    {
        try
        {
            return JsonSerializer.Deserialize<CohortPlan>(json, Json) ?? throw new JsonException("it is empty");
        }
        catch (JsonException e)
        {
            throw new Ledger.LedgerException($"The plan of the cohort is damaged: {e.Message}", e);
        }
    }

    /// <summary>Checks the words of <c>--only</c>.</summary>
    /// <exception cref="UsageException">One is unknown.</exception>
    public static IReadOnlyList<string> ParseParts(string? only)
    {
        if (only is null)
            return AllParts;
        string[] parts = only.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        return Array.Find(parts, p => !AllParts.Contains(p, StringComparer.Ordinal)) is { } unknown
            ? throw new UsageException($"--only '{unknown}': {string.Join(", ", AllParts)} can be found.")
            : [.. AllParts.Where(p => parts.Contains(p, StringComparer.Ordinal))];
    }

    /// <summary>As JSON.</summary>
    public string ToJson() => JsonSerializer.Serialize(this, Json);
}
