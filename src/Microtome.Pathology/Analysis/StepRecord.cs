using System.Text.Json.Nodes;

namespace Microtome.Pathology;

/// <summary>What <c>provenance.json</c> says of one finished step.</summary>
/// <param name="Key">SHA-256 of everything the step's outputs depend on; another key means out of date.</param>
/// <param name="Outputs">The files it wrote.</param>
/// <param name="Details">Timings and counts, for people.</param>
public sealed record StepRecord(string Key, IReadOnlyList<StepOutput> Outputs, JsonObject Details);
