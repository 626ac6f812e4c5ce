using System.Text.Json;
using Microtome.Imaging;
using Microtome.Ledger;

namespace Microtome.Cohorts;

/// <summary>What a shard notes beside a slide's results: the slide's line of the ledger, kept where its results are. Replaced as a whole, by renaming.</summary>
public sealed record SlideRecord
{
    /// <summary>The file in the slide's folder of results.</summary>
    public const string Name = "cohort-record.json";

    private static readonly JsonSerializerOptions s_json = new(CohortPlan.Json) { WriteIndented = true };

    /// <summary>The cohort, see <see cref="CohortPlan.Id"/>.</summary>
    public required string Cohort { get; init; }

    /// <summary>The slide.</summary>
    public required string Slide { get; init; }

    /// <summary>The round that it is about.</summary>
    public required int Round { get; init; }

    /// <summary>Where it stands.</summary>
    public required ItemState State { get; init; }

    /// <summary>How often it was begun in this round.</summary>
    public required int Attempts { get; init; }

    /// <summary>Who works or worked on it.</summary>
    public string? Holder { get; init; }

    /// <summary>The job of the cluster, if one is known.</summary>
    public string? Job { get; init; }

    /// <summary>Why it failed.</summary>
    public string? Reason { get; init; }

    /// <summary>How long the finished attempt took.</summary>
    public double? Seconds { get; init; }

    /// <summary>The summary.</summary>
    public JsonElement? Result { get; init; }

    /// <summary>Where a slide's record is.</summary>
    public static string PathOf(CohortPlan plan, string slide) => Path.Combine(plan.Output, slide, Name);

    /// <summary>Reads the record of a slide; null when there is none, it is of another cohort or round, or it is damaged.</summary>
    public static SlideRecord? Read(CohortPlan plan, string slide, int round)
    {
        string path = PathOf(plan, slide);
        try
        {
            if (!File.Exists(path))
                return null;
            var record = JsonSerializer.Deserialize<SlideRecord>(File.ReadAllText(path), s_json);
            return record is not null && record.Cohort == plan.Id && record.Round == round ? record : null;
        }
        catch (Exception e) when (e is JsonException or IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>Writes the record.</summary>
    public void Write(CohortPlan plan) => AtomicFile.WriteAllText(PathOf(plan, Slide), JsonSerializer.Serialize(this, s_json) + "\n");
}
