using Microtome.Imaging;

namespace Microtome.Cohorts;

/// <summary>What a cohort is exported as.</summary>
[Flags]
public enum ExportFormats
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>The layout of the published data set: polygon CSVs and metadata per tile.</summary>
    Quip = 1,

    /// <summary>GeoPackages.</summary>
    GeoPackage = 2,

    /// <summary>QuPath detections, gzipped GeoJSON.</summary>
    GeoJson = 4,

    /// <summary>COCO annotations, gzipped JSON.</summary>
    Coco = 8,
}

/// <summary>The words for formats.</summary>
public static class ExportFormatWords
{
    private static readonly Dictionary<string, ExportFormats> s_words = new(StringComparer.Ordinal)
    {
        ["quip"] = ExportFormats.Quip,
        ["gpkg"] = ExportFormats.GeoPackage,
        ["geojson"] = ExportFormats.GeoJson,
        ["coco"] = ExportFormats.Coco,
    };

    /// <summary>Reads a list of words.</summary>
    /// <exception cref="UsageException">One is unknown.</exception>
    public static ExportFormats Parse(string text)
    {
        var formats = ExportFormats.None;
        foreach (string word in text.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
            formats |= s_words.TryGetValue(word, out var format) ? format : throw new UsageException($"--format '{word}': {string.Join(", ", s_words.Keys)} can be written.");
        return formats == ExportFormats.None ? throw new UsageException("--format names nothing to write.") : formats;
    }

    /// <summary>The words of a set of formats, in a fixed order.</summary>
    public static IReadOnlyList<string> Of(ExportFormats formats) => [.. s_words.Where(w => formats.HasFlag(w.Value)).Select(w => w.Key)];
}
