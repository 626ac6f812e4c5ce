using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using Microtome.Imaging;
using Microtome.Learning.Models;

namespace Microtome.Server;

/// <summary>From which probability on a patch of the results is positive.</summary>
internal static class MapThreshold
{
    /// <summary>What stands for a threshold that is not known.</summary>
    public const double Unknown = 0.5;

    private static readonly ConcurrentDictionary<(string Model, string Sha256), double?> s_models = new();

    /// <summary>
    /// The threshold of a map: as the summary says; else as the provenance says, because a later run that made no map writes a summary without it; else that of the model, when it is
    /// still the one that made the map. Null when nothing says it.
    /// </summary>
    public static double? Of(CatalogEntry entry, string task)
    {
        if (entry.Summary[task + "_threshold"] is JsonValue value && value.TryGetValue(out double threshold))
            return threshold;
        if (entry.Origins.GetValueOrDefault(task) is not { } origin)
            return null;
        return origin.Threshold ?? (origin is { Model: { } model, WeightsSha256: { } hash } ? s_models.GetOrAdd((model, hash), static key => OfModel(key.Model, key.Sha256)) : null);
    }

    private static double? OfModel(string name, string hash)
    {
        try
        {
            var model = PatchModel.Find(name);
            return string.Equals(model.WeightsHash, hash, StringComparison.OrdinalIgnoreCase) ? model.Threshold : null;
        }
        catch (Exception e) when (e is ModelException or UsageException or IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
